package rkt.image;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import rkt.image.http.SignatureDownload;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Platform;
import rkt.store.ImageRecord;

/** ACIs and signatures in local files. A file is opened once and judged while it is imported. */
final class AciFiles {
  private static final int BUFFER = 256 << 10;
  private static final int MAX_SIGNATURE_BYTES = 1 << 20;

  private final AciIntake intake;

  AciFiles(AciIntake intake) {
    this.intake = intake;
  }

  /**
   * @param signature beside the image when empty
   * @param platform what the image must be for, if that matters
   */
  ImageRecord take(Path path, Optional<Path> signature, Optional<Platform> platform)
      throws EngineException {
    checkRegular("error opening ACI file", path);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      AciIntake.AciFile file = new OpenFile(channel);
      Path beside = signature.orElseGet(() -> Path.of(SignatureDownload.beside(path.toString())));
      return intake.take(
          file,
          () -> signature(beside),
          new AciIntake.Intake(path.toString(), ExpectedImage.on(platform), false, List.of()));
    } catch (IOException e) {
      throw opening("error opening ACI file", path, "", e);
    }
  }

  /** Opening a pipe waits for a writer, who may never come. */
  private static void checkRegular(String attempted, Path path) throws EngineException {
    if (Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path)) {
      throw EngineException.of(
          ErrorCode.INVALID, attempted, "open " + path + ": not a regular file");
    }
  }

  private static final class OpenFile implements AciIntake.AciFile {
    private final FileChannel channel;
    private boolean begun;

    OpenFile(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public InputStream fromStart() throws IOException {
      if (begun) {
        channel.position(0);
      }
      begun = true;
      return new BufferedInputStream(new StaysOpen(Channels.newInputStream(channel)), BUFFER);
    }
  }

  private static final class StaysOpen extends FilterInputStream {
    StaysOpen(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
      return in.read(b, off, len);
    }

    @Override
    public void close() {
      // The channel's owner closes it.
    }
  }

  /** A signature in a local file. */
  static byte[] signature(Path path) throws EngineException {
    String attempted = "error opening signature file";
    checkRegular(attempted, path);
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(MAX_SIGNATURE_BYTES + 1);
      if (bytes.length > MAX_SIGNATURE_BYTES) {
        throw EngineException.of(
            ErrorCode.REFUSED,
            attempted,
            path + " is larger than the allowed " + MAX_SIGNATURE_BYTES + " bytes");
      }
      return bytes;
    } catch (IOException e) {
      throw opening(
          attempted,
          path,
          "name another one with --signature, or try --insecure-options=image if you trust the"
              + " image",
          e);
    }
  }

  private static EngineException opening(
      String attempted, Path path, String remedy, IOException e) {
    ErrorCode code = ErrorCode.SYSTEM;
    String why = String.valueOf(e.getMessage());
    if (e instanceof NoSuchFileException) {
      code = ErrorCode.NOT_FOUND;
      why = "no such file or directory";
    } else if (e instanceof AccessDeniedException) {
      code = ErrorCode.PERMISSION;
      why = "permission denied";
    }
    return new EngineException(code, attempted, "open " + path + ": " + why, remedy, e);
  }
}
