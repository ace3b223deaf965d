package rkt.image.layout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HexFormat;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.MountTable;
import rkt.os.OsException;
import rkt.os.RandomBytes;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/**
 * A directory that appears complete or not at all: it is filled under another name beside its place
 * and renamed. What it replaces is removed after that, entry by entry on descriptors, so that no
 * link in it leads the removal elsewhere.
 *
 * <p>Refused as a target: the root of the file system, under whatever name; rkt's data directory,
 * what is in it and what it is in; a mount point, or what has one below.
 */
final class OutputDirectory implements AutoCloseable {
  static final String EXISTS = "output directory exists (try --overwrite)";
  private static final String ROOT = "this would delete your root filesystem. Refusing.";

  private final Kernel kernel;
  private final Fd parent;
  private final Path parentPath;
  private final String name;
  private final String temporary;
  private final boolean overwrite;

  private OutputDirectory(
      Kernel kernel, Fd parent, Path parentPath, String name, String temporary, boolean overwrite) {
    this.kernel = kernel;
    this.parent = parent;
    this.parentPath = parentPath;
    this.name = name;
    this.temporary = temporary;
    this.overwrite = overwrite;
  }

  /**
   * Begins an empty directory.
   *
   * @param dataDir rkt's, links resolved
   */
  static OutputDirectory begin(
      Kernel kernel, String attempted, Path output, boolean overwrite, Path dataDir)
      throws EngineException, IOException {
    Path target = place(attempted, output);
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      if (!overwrite) {
        throw EngineException.of(ErrorCode.CONFLICT, attempted, EXISTS);
      }
      check(kernel, attempted, target, dataDir);
    }
    Path directory = target.getParent();
    Path last = target.getFileName();
    if (directory == null || last == null) {
      throw EngineException.of(ErrorCode.REFUSED, attempted, ROOT);
    }
    Fd parent = Fd.directory(kernel, directory.toString());
    try {
      String temporary = ".rkt-export-" + HexFormat.of().formatHex(RandomBytes.of(8));
      kernel.mkdirat(parent.number(), temporary, 0700);
      return new OutputDirectory(kernel, parent, directory, last.toString(), temporary, overwrite);
    } catch (IOException e) {
      parent.close();
      throw e;
    }
  }

  /** The real directory it is in, and its name there: that may be a link, and is not followed. */
  private static Path place(String attempted, Path output) throws EngineException, IOException {
    Path absolute = output.toAbsolutePath();
    if (Files.exists(absolute) && absolute.toRealPath().getParent() == null) {
      throw EngineException.of(ErrorCode.REFUSED, attempted, ROOT);
    }
    Path last = absolute.getFileName();
    Path parent = absolute.getParent();
    if (last == null || parent == null) {
      throw EngineException.of(ErrorCode.REFUSED, attempted, ROOT);
    }
    if (last.toString().equals(".") || last.toString().equals("..")) {
      return absolute.toRealPath();
    }
    return parent.toRealPath().resolve(last);
  }

  private static void check(Kernel kernel, String attempted, Path target, Path dataDir)
      throws EngineException, OsException {
    if (Files.isSymbolicLink(target)) {
      // Only the link is removed.
      return;
    }
    if (target.startsWith(dataDir) || dataDir.startsWith(target)) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          attempted,
          "this would delete rkt's data in " + dataDir + ". Refusing.");
    }
    if (!MountTable.current(kernel).mountsBelow(target.toString()).isEmpty()) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          attempted,
          "something is mounted on " + target + " or below it. Refusing.");
    }
  }

  /** Where the content goes meanwhile. */
  Path path() {
    return parentPath.resolve(temporary);
  }

  /**
   * Gives the directory its place.
   *
   * @param content the name of a directory in {@link #path} that becomes the target; empty for all
   */
  void publish(String content) throws IOException, EngineException {
    String from = content.isEmpty() ? temporary : temporary + "/" + content;
    if (content.isEmpty()) {
      kernel.fchmodat(parent.number(), temporary, 0755);
    }
    try {
      rename(from, Consts.RENAME_NOREPLACE);
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      if (!overwrite) {
        throw new EngineException(ErrorCode.CONFLICT, "", EXISTS, "", e);
      }
      replace(from);
    }
  }

  /** The old content ends up under the temporary name, which {@link #close} removes. */
  private void replace(String from) throws OsException {
    try {
      rename(from, Consts.RENAME_EXCHANGE);
    } catch (OsException e) {
      // Some file systems cannot exchange.
      if (!e.is(Errno.EINVAL) && !e.is(Errno.ENOSYS)) {
        throw e;
      }
      kernel.removeTree(parent.number(), name);
      rename(from, Consts.RENAME_NOREPLACE);
    }
  }

  private void rename(String from, int flags) throws OsException {
    kernel.renameat2(parent.number(), from, parent.number(), name, flags);
  }

  @Override
  public void close() throws IOException {
    try (parent) {
      kernel.removeTree(parent.number(), temporary);
    }
  }
}
