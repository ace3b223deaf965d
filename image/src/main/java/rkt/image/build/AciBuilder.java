package rkt.image.build;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.store.unpack.ArchiveException;
import rkt.store.unpack.Compression;

/**
 * Writes an ACI: the manifest, then {@code rootfs/} sorted by path, in one pass.
 *
 * <p>The same manifest and files give the same bytes. Times are therefore fixed at the epoch unless
 * the request keeps them: a checkout, a copy or a package build sets new ones each time, and nobody
 * means a new image by that. The top directory's own mode and owner do not count either: it is
 * somebody's scratch directory, and a mode of 0700 there would lock every unprivileged app out of
 * its image.
 */
public final class AciBuilder {
  private static final int BUFFER = 256 << 10;

  private final Kernel kernel;

  public AciBuilder(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Builds and returns the image ID, which is the digest of the uncompressed tar.
   *
   * @throws EngineException CONFLICT when the output exists, INVALID when the source cannot be an
   *     image, NO_SPACE, PERMISSION
   */
  public ImageId build(AciBuildRequest request) throws EngineException {
    String attempted = "build " + request.output();
    Path output = request.output().toAbsolutePath().normalize();
    checkOutput(attempted, request, output);
    Path directory = output.getParent();
    if (directory == null) {
      throw EngineException.of(ErrorCode.USAGE, attempted, "the output is a directory");
    }
    Path temporary = null;
    try {
      temporary = Files.createTempFile(directory, ".rkt-build-", ".tmp");
      ImageId id = write(request, temporary, directory);
      publish(request, temporary, output);
      return id;
    } catch (IOException e) {
      throw failure(attempted, request, e);
    } catch (SchemaException e) {
      throw EngineException.of(attempted, e);
    } finally {
      discard(temporary);
    }
  }

  private static void checkOutput(String attempted, AciBuildRequest request, Path output)
      throws EngineException {
    if (!output.toString().endsWith(".aci")) {
      throw EngineException.of(
          ErrorCode.USAGE, attempted, "extension must be .aci (given " + output + ")");
    }
    if (!request.overwrite() && Files.exists(output, LinkOption.NOFOLLOW_LINKS)) {
      throw EngineException.of(
          ErrorCode.CONFLICT, attempted, "output ACI file exists (try --overwrite)");
    }
    try {
      Path parent = output.getParent();
      if (Files.isDirectory(request.source())
          && parent != null
          && parent.toRealPath().startsWith(request.source().toRealPath())) {
        throw EngineException.of(
            ErrorCode.INVALID,
            attempted,
            "the output lies inside the root file system " + request.source());
      }
    } catch (IOException e) {
      throw failure(attempted, request, e);
    }
  }

  private ImageId write(AciBuildRequest request, Path temporary, Path directory)
      throws IOException {
    MessageDigest sha512 = sha512();
    try (RootfsSource source = open(request.source(), directory);
        FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      try (OutputStream raw = new StaysOpen(Channels.newOutputStream(file));
          OutputStream compressed = compressed(request.compression(), raw);
          OutputStream out =
              new BufferedOutputStream(new DigestOutputStream(compressed, sha512), BUFFER)) {
        tar(request, source, new TarWriter(out));
      }
      file.force(true);
    }
    return ImageId.sha512(HexFormat.of().formatHex(sha512.digest()));
  }

  private static void tar(AciBuildRequest request, RootfsSource source, TarWriter tar)
      throws IOException {
    byte[] manifest = request.manifest().toJson().getBytes(StandardCharsets.UTF_8);
    tar.entry(TarFile.regular("manifest", manifest.length), to -> to.write(manifest));
    tar.entry(TarFile.directory("rootfs"), to -> {});
    source.each((entry, content) -> tar.entry(below(request, entry), content));
    tar.finish();
  }

  private static TarFile below(AciBuildRequest request, TarFile entry) {
    TarFile moved =
        entry.at("rootfs/" + entry.path()).normalized(request.keepTimes(), request.ownerRoot());
    return moved.kind() == TarFile.Kind.HARD_LINK
        ? moved.hardLinkTo("rootfs/" + moved.link())
        : moved;
  }

  private RootfsSource open(Path source, Path temporary) throws IOException {
    if (Files.isDirectory(source)) {
      return new DirectorySource(kernel, source);
    }
    try (InputStream file = Files.newInputStream(source);
        InputStream tar = Compression.openTar(file, source.toString())) {
      return new ArchiveSource(tar, temporary);
    }
  }

  private static OutputStream compressed(AciCompression compression, OutputStream raw)
      throws IOException {
    return switch (compression) {
      case NONE -> raw;
      // Java writes no name and no time into the gzip header, so equal input stays equal output.
      case GZIP -> new GZIPOutputStream(raw, BUFFER);
      case ZSTD -> new ZstdOutputStream(raw, 3);
    };
  }

  /**
   * Lets a compressor be closed, which writes its trailer and frees its memory, while the file
   * stays open to be synced.
   */
  private static final class StaysOpen extends FilterOutputStream {
    StaysOpen(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      out.flush();
    }
  }

  private void publish(AciBuildRequest request, Path temporary, Path output) throws IOException {
    kernel.fchmodat(Consts.AT_FDCWD, temporary.toString(), 0644);
    kernel.renameat2(
        Consts.AT_FDCWD,
        temporary.toString(),
        Consts.AT_FDCWD,
        output.toString(),
        request.overwrite() ? 0 : Consts.RENAME_NOREPLACE);
  }

  private static void discard(@org.jspecify.annotations.Nullable Path temporary) {
    try {
      if (temporary != null) {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      // The name starts with a dot and says whose it is; the failure that led here matters more.
    }
  }

  private static EngineException failure(String attempted, AciBuildRequest request, IOException e) {
    String why =
        e instanceof FileSystemException f && f.getReason() == null
            ? f.getFile() + ": " + kind(f)
            : e.getMessage();
    if (e instanceof OsException os && os.is(Errno.EEXIST)) {
      return new EngineException(
          ErrorCode.CONFLICT, attempted, "output ACI file exists (try --overwrite)", "", e);
    }
    if ((e instanceof OsException os && os.is(Errno.ENOSPC))
        || String.valueOf(why).contains("No space left")) {
      return new EngineException(
          ErrorCode.NO_SPACE,
          attempted,
          String.valueOf(why),
          "free some space on the output's disk",
          e);
    }
    if (e instanceof OsException os && (os.is(Errno.EACCES) || os.is(Errno.EPERM))) {
      return new EngineException(
          ErrorCode.PERMISSION,
          attempted,
          String.valueOf(why),
          "run as root, or fix the file's mode",
          e);
    }
    ErrorCode code = e instanceof ArchiveException ? ErrorCode.INVALID : ErrorCode.SYSTEM;
    String remedy =
        e instanceof ArchiveException
            ? request.source() + " must be a directory or a tar archive"
            : "";
    return new EngineException(code, attempted, String.valueOf(why), remedy, e);
  }

  private static String kind(FileSystemException e) {
    return switch (e) {
      case java.nio.file.NoSuchFileException gone -> "No such file or directory";
      case java.nio.file.AccessDeniedException denied -> "Permission denied";
      default -> e.getClass().getSimpleName();
    };
  }

  private static MessageDigest sha512() {
    try {
      return MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-512", e);
    }
  }
}
