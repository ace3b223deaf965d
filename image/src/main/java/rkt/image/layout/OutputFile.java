package rkt.image.layout;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.HexFormat;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.RandomBytes;
import rkt.os.Stat;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/**
 * A file that appears complete or not at all.
 *
 * <p>The directory may belong to somebody who swaps names while root writes. So everything is done
 * to the open file, names are only ever looked up in the open directory and never followed, and
 * what got the final name is compared with what was written.
 */
final class OutputFile implements AutoCloseable {
  private static final int BUFFER = 256 << 10;
  private static final int MODE = 0644;
  private static final int CREATE =
      Consts.O_WRONLY | Consts.O_CREAT | Consts.O_EXCL | Consts.O_NOFOLLOW;

  private final Kernel kernel;
  private final String attempted;
  private final Fd parent;
  private final String name;
  private final String temporary;
  private final Fd file;
  private final boolean overwrite;

  private OutputFile(
      Kernel kernel,
      String attempted,
      Fd parent,
      String name,
      String temporary,
      Fd file,
      boolean overwrite) {
    this.kernel = kernel;
    this.attempted = attempted;
    this.parent = parent;
    this.name = name;
    this.temporary = temporary;
    this.file = file;
    this.overwrite = overwrite;
  }

  /**
   * Begins a file.
   *
   * @param exists what to say when it is there and may not be replaced
   */
  static OutputFile begin(
      Kernel kernel, String attempted, Path output, boolean overwrite, String exists)
      throws EngineException, IOException {
    Path absolute = output.toAbsolutePath();
    Path directory = absolute.getParent();
    Path last = absolute.getFileName();
    if (directory == null
        || last == null
        || last.toString().equals(".")
        || last.toString().equals("..")) {
      throw EngineException.of(ErrorCode.USAGE, attempted, output + " is a directory");
    }
    String name = last.toString();
    Fd parent = OutputNames.parent(kernel, directory);
    try {
      if (OutputNames.exists(kernel, parent, name)) {
        if (!overwrite) {
          throw EngineException.of(ErrorCode.CONFLICT, attempted, exists);
        }
        checkReplaceable(kernel, attempted, parent, name, output);
      }
      String temporary = ".rkt-export-" + HexFormat.of().formatHex(RandomBytes.of(8)) + ".tmp";
      Fd file = Fd.openat(kernel, parent.number(), temporary, CREATE, 0600);
      return new OutputFile(kernel, attempted, parent, name, temporary, file, overwrite);
    } catch (IOException | EngineException | RuntimeException e) {
      parent.close();
      throw e;
    }
  }

  /**
   * Replacing /dev/stdout or a directory is never what was meant. This looks where a link leads to
   * refuse, no more: what is replaced is the name, so a link is replaced by the file.
   */
  private static void checkReplaceable(
      Kernel kernel, String attempted, Fd parent, String name, Path output)
      throws EngineException, OsException {
    Stat there = kernel.fstatat(parent.number(), name, Consts.AT_SYMLINK_NOFOLLOW);
    if (there.isSymlink()) {
      if (!OutputNames.leadsSomewhere(kernel, parent, name)) {
        return;
      }
      there = kernel.fstatat(parent.number(), name, 0);
    }
    if (!there.isRegular()) {
      throw EngineException.of(
          ErrorCode.CONFLICT, attempted, output + " exists and is not a regular file");
    }
  }

  /** Writes the file. */
  interface Content {
    void write(OutputStream out) throws IOException, EngineException;
  }

  /** Fills the file, and then gives it its name. */
  void publish(Content content) throws IOException, EngineException {
    OutputStream out = new BufferedOutputStream(new Stream(kernel, file), BUFFER);
    content.write(out);
    out.flush();
    kernel.fsync(file.number());
    kernel.fchmod(file.number(), MODE);
    int number = parent.number();
    OutputNames.checkUnchanged(kernel, attempted, parent, temporary, file);
    kernel.renameat2(number, temporary, number, name, overwrite ? 0 : Consts.RENAME_NOREPLACE);
    OutputNames.checkUnchanged(kernel, attempted, parent, name, file);
  }

  @Override
  public void close() throws IOException {
    try (parent;
        file) {
      // Once published nothing has this name; what somebody else gave it is not ours to remove.
      if (OutputNames.isSame(kernel, parent, temporary, file)) {
        kernel.unlinkat(parent.number(), temporary, 0);
      }
    }
  }

  /** Writes to the open file; does not own it. */
  private static final class Stream extends OutputStream {
    private final Kernel kernel;
    private final Fd file;

    Stream(Kernel kernel, Fd file) {
      this.kernel = kernel;
      this.file = file;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
      kernel.write(file.number(), b, off, len);
    }
  }
}
