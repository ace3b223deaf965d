package rkt.image.layout;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.MountTable;
import rkt.os.OsException;
import rkt.os.RandomBytes;
import rkt.os.Stat;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/**
 * A directory that appears complete or not at all: it is filled inside a private one beside its
 * place and moved out of it. What it replaces is moved into the private one and removed there,
 * entry by entry on descriptors, so that no link in it leads the removal elsewhere.
 *
 * <p>The parent may belong to somebody who swaps names while root writes. So the parent and the
 * private directory are held open, and everything happens beneath these descriptors: whatever the
 * private directory is called meanwhile, nobody else can enter it.
 *
 * <p>Refused as a target: the root of the file system, under whatever name; rkt's data directory,
 * what is in it and what it is in; a mount point, or what has one below.
 */
final class OutputDirectory implements AutoCloseable {
  static final String EXISTS = "output directory exists (try --overwrite)";
  private static final String ROOT = "this would delete your root filesystem. Refusing.";
  private static final String CONTENT = "content";
  private static final String OLD = "old";
  private static final int OPEN = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;

  private final Kernel kernel;
  private final String attempted;
  private final Place place;
  private final String temporary;
  private final Fd hidden;
  private final boolean overwrite;

  private OutputDirectory(
      Kernel kernel,
      String attempted,
      Place place,
      String temporary,
      Fd hidden,
      boolean overwrite) {
    this.kernel = kernel;
    this.attempted = attempted;
    this.place = place;
    this.temporary = temporary;
    this.hidden = hidden;
    this.overwrite = overwrite;
  }

  /** An open directory and a name in it, which may be a link and is not followed. */
  private record Place(Fd parent, String name) {}

  /**
   * Begins an empty directory.
   *
   * @param dataDir rkt's, links resolved
   */
  static OutputDirectory begin(
      Kernel kernel, String attempted, Path output, boolean overwrite, Path dataDir)
      throws EngineException, IOException {
    Place place = place(kernel, attempted, output.toAbsolutePath());
    Fd parent = place.parent();
    try {
      if (OutputNames.exists(kernel, parent, place.name())) {
        if (!overwrite) {
          throw EngineException.of(ErrorCode.CONFLICT, attempted, EXISTS);
        }
        check(kernel, attempted, place, dataDir.toString());
      }
      String temporary = ".rkt-export-" + HexFormat.of().formatHex(RandomBytes.of(8));
      kernel.mkdirat(parent.number(), temporary, 0700);
      Fd hidden = hidden(kernel, attempted, parent, temporary);
      return new OutputDirectory(kernel, attempted, place, temporary, hidden, overwrite);
    } catch (IOException | EngineException | RuntimeException e) {
      parent.close();
      throw e;
    }
  }

  /** Opens the directory that was just made, if it is still that one, and makes the content's. */
  private static Fd hidden(Kernel kernel, String attempted, Fd parent, String temporary)
      throws EngineException, OsException {
    Fd hidden;
    try {
      hidden = Fd.openat(kernel, parent.number(), temporary, OPEN, 0);
    } catch (OsException e) {
      if (e.is(Errno.ELOOP) || e.is(Errno.ENOTDIR) || e.is(Errno.ENOENT)) {
        throw OutputNames.changed(attempted, parent, temporary);
      }
      throw e;
    }
    try {
      Stat stat = kernel.fstat(hidden.number());
      boolean ours = stat.uid() == kernel.geteuid() && (stat.mode() & 0777) == 0700;
      if (!ours || !kernel.list(hidden.number()).isEmpty()) {
        throw OutputNames.changed(attempted, parent, temporary);
      }
      kernel.mkdirat(hidden.number(), CONTENT, 0700);
      return hidden;
    } catch (OsException | EngineException e) {
      hidden.close();
      throw e;
    }
  }

  private static Place place(Kernel kernel, String attempted, Path absolute)
      throws EngineException, IOException {
    Path last = absolute.getFileName();
    Path directory = absolute.getParent();
    if (last == null || directory == null) {
      throw EngineException.of(ErrorCode.REFUSED, attempted, ROOT);
    }
    String name = last.toString();
    if (name.equals(".") || name.equals("..")) {
      return named(kernel, attempted, absolute);
    }
    Fd parent = OutputNames.parent(kernel, directory);
    try {
      if (OutputNames.leadsSomewhere(kernel, parent, name)) {
        refuseRoot(kernel, attempted, kernel.fstatat(parent.number(), name, 0));
      }
      return new Place(parent, name);
    } catch (IOException | EngineException e) {
      parent.close();
      throw e;
    }
  }

  /** The place of a directory whose path does not end in its name. */
  private static Place named(Kernel kernel, String attempted, Path absolute)
      throws EngineException, IOException {
    try (Fd directory = OutputNames.parent(kernel, absolute)) {
      refuseRoot(kernel, attempted, kernel.fstat(directory.number()));
      String real = directory.realPath();
      String name = real.substring(real.lastIndexOf('/') + 1);
      Fd parent =
          Fd.openat(kernel, directory.number(), "..", Consts.O_RDONLY | Consts.O_DIRECTORY, 0);
      try {
        OutputNames.checkUnchanged(kernel, attempted, parent, name, directory);
        return new Place(parent, name);
      } catch (IOException | EngineException e) {
        parent.close();
        throw e;
      }
    }
  }

  private static void refuseRoot(Kernel kernel, String attempted, Stat stat)
      throws EngineException, OsException {
    if (stat.sameFile(kernel.fstatat(Consts.AT_FDCWD, "/", 0))) {
      throw EngineException.of(ErrorCode.REFUSED, attempted, ROOT);
    }
  }

  private static void check(Kernel kernel, String attempted, Place place, String dataDir)
      throws EngineException, OsException {
    int number = place.parent().number();
    if (kernel.fstatat(number, place.name(), Consts.AT_SYMLINK_NOFOLLOW).isSymlink()) {
      // Only the link is removed.
      return;
    }
    String directory = place.parent().realPath();
    String target = (directory.equals("/") ? "" : directory) + "/" + place.name();
    if (isIn(target, dataDir) || isIn(dataDir, target)) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          attempted,
          "this would delete rkt's data in " + dataDir + ". Refusing.");
    }
    if (!MountTable.current(kernel).mountsBelow(target).isEmpty()) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          attempted,
          "something is mounted on " + target + " or below it. Refusing.");
    }
  }

  private static boolean isIn(String path, String directory) {
    return path.equals(directory) || path.startsWith(directory + "/");
  }

  /** Where the content goes meanwhile; leads there while this is open, whatever is renamed. */
  Path path() {
    return Path.of(hidden.path(), CONTENT);
  }

  /**
   * Gives the directory its place. It is ours then, whatever the image says of its root directory.
   *
   * @param content the name of a directory in {@link #path} that becomes the target; empty for all
   * @param mode of the target
   */
  void publish(String content, int mode) throws IOException, EngineException {
    String from = content.isEmpty() ? CONTENT : CONTENT + "/" + content;
    long confined = Consts.RESOLVE_BENEATH | Consts.RESOLVE_NO_SYMLINKS;
    int flags = OPEN | Consts.O_CLOEXEC;
    try (Fd top = new Fd(kernel, kernel.openat2(hidden.number(), from, flags, 0, confined))) {
      kernel.fchown(top.number(), kernel.geteuid(), kernel.getegid());
      kernel.fchmod(top.number(), mode);
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
      OutputNames.checkUnchanged(kernel, attempted, place.parent(), place.name(), top);
    }
  }

  /** The old content ends up in the private directory, which {@link #close} removes. */
  private void replace(String from) throws OsException {
    try {
      rename(from, Consts.RENAME_EXCHANGE);
    } catch (OsException e) {
      // Some file systems cannot exchange.
      if (!e.is(Errno.EINVAL) && !e.is(Errno.ENOSYS)) {
        throw e;
      }
      kernel.renameat2(place.parent().number(), place.name(), hidden.number(), OLD, 0);
      rename(from, Consts.RENAME_NOREPLACE);
    }
  }

  private void rename(String from, int flags) throws OsException {
    kernel.renameat2(hidden.number(), from, place.parent().number(), place.name(), flags);
  }

  @Override
  public void close() throws IOException {
    try (Fd parent = place.parent();
        hidden) {
      kernel.removeTree(hidden.number(), CONTENT);
      kernel.removeTree(hidden.number(), OLD);
      // What somebody else gave the name is not ours to remove.
      if (OutputNames.isSame(kernel, parent, temporary, hidden)) {
        kernel.unlinkat(parent.number(), temporary, Consts.AT_REMOVEDIR);
      }
    }
  }
}
