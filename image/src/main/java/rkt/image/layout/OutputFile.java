package rkt.image.layout;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import rkt.os.Consts;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** A file that appears complete or not at all. */
final class OutputFile implements AutoCloseable {
  private static final int BUFFER = 256 << 10;
  private static final int MODE = 0644;

  private final Kernel kernel;
  private final Path target;
  private final Path temporary;
  private final boolean overwrite;
  private boolean published;

  private OutputFile(Kernel kernel, Path target, Path temporary, boolean overwrite) {
    this.kernel = kernel;
    this.target = target;
    this.temporary = temporary;
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
    Path target = output.toAbsolutePath();
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      if (!overwrite) {
        throw EngineException.of(ErrorCode.CONFLICT, attempted, exists);
      }
      if (Files.exists(target)) {
        // A link stays, and what it leads to is replaced, as by any program that opens a file.
        target = target.toRealPath();
        if (!Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
          // Replacing /dev/stdout or a directory is never what was meant.
          throw EngineException.of(
              ErrorCode.CONFLICT, attempted, output + " exists and is not a regular file");
        }
      }
    }
    Path directory = target.getParent();
    if (directory == null || target.getFileName() == null) {
      throw EngineException.of(ErrorCode.USAGE, attempted, output + " is a directory");
    }
    Path temporary = Files.createTempFile(directory, ".rkt-export-", ".tmp");
    return new OutputFile(kernel, target, temporary, overwrite);
  }

  /** Writes the file. */
  interface Content {
    void write(OutputStream out) throws IOException, EngineException;
  }

  /** Fills the file, and then gives it its name. */
  void publish(Content content) throws IOException, EngineException {
    try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(file), BUFFER);
      content.write(out);
      out.flush();
      file.force(true);
    }
    kernel.fchmodat(Consts.AT_FDCWD, temporary.toString(), MODE);
    kernel.renameat2(
        Consts.AT_FDCWD,
        temporary.toString(),
        Consts.AT_FDCWD,
        target.toString(),
        overwrite ? 0 : Consts.RENAME_NOREPLACE);
    published = true;
  }

  @Override
  public void close() throws IOException {
    if (!published) {
      Files.deleteIfExists(temporary);
    }
  }
}
