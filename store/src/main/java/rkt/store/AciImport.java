package rkt.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.schema.appc.ImageManifest;
import rkt.store.unpack.ArchiveException;
import rkt.store.unpack.BombGuard;
import rkt.store.unpack.Compression;
import rkt.store.unpack.ObservedSource;
import rkt.store.unpack.ObservedStream;
import rkt.store.unpack.Pipeline;
import rkt.store.unpack.UnpackLimits;

/** Takes in an ACI: inflate, hash, check and store the archive, in one pass. */
final class AciImport {
  private final Layout layout;
  private final Kernel kernel;
  private final Publisher publisher;

  AciImport(Layout layout, Publisher publisher) {
    this.layout = layout;
    this.kernel = layout.kernel();
    this.publisher = publisher;
  }

  ImageRecord run(InputStream raw, ImportOptions options) throws EngineException {
    String attempted = "import image " + options.origin();
    try {
      publisher.prepare();
      Lease lease = Lease.begin(layout);
      try {
        ImageRecord record = run(lease, attempted, raw, options);
        lease.close();
        return record;
      } catch (IOException | RuntimeException | EngineException e) {
        lease.closeAfter(e);
        throw e;
      }
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    } catch (SchemaException e) {
      throw StoreFailures.of(attempted, e);
    }
  }

  private ImageRecord run(Lease lease, String attempted, InputStream raw, ImportOptions options)
      throws IOException, EngineException {
    Path temporary = lease.temporary();
    UnpackLimits limits = UnpackLimits.DEFAULT.withMaxBytes(options.maxUncompressedBytes());
    MessageDigest hash = Hashes.sha512();
    ObservedSource.Observer gate =
        options.gate().isPresent() ? options.gate().get()::bytes : (b, off, len) -> {};
    ObservedStream counted = new ObservedStream(raw, gate);
    BombGuard guard = new BombGuard(limits.maxBytes(), counted::count);
    int flags = Consts.O_WRONLY | Consts.O_CREAT | Consts.O_EXCL | Consts.O_NOFOLLOW;
    byte[] manifestBytes;
    try (Fd file = Fd.open(kernel, temporary.toString(), flags, Layout.FILE_MODE);
        InputStream tar = Compression.openTar(counted, options.origin())) {
      manifestBytes =
          Pipeline.run(
              tar,
              -1,
              source -> {
                ObservedSource.Observer observer =
                    (b, off, len) -> {
                      guard.bytes(b, off, len);
                      hash.update(b, off, len);
                      kernel.write(file.number(), b, off, len);
                    };
                return AciArchive.check(new ObservedSource(source, observer), limits);
              });
      // What follows the archive was signed with it.
      drain(counted, limits.maxBytes());
      kernel.fchmod(file.number(), Layout.FILE_MODE);
      kernel.fsync(file.number());
    }
    ImageManifest manifest = ImageManifest.parse(manifestBytes);
    ImageId id = ImageId.sha512(Hashes.hex(hash.digest()));
    if (options.expected().isPresent() && !options.expected().get().equals(id)) {
      throw EngineException.of(
          ErrorCode.CORRUPT,
          attempted,
          "image hash does not match expected (" + id + " != " + options.expected().get() + ")");
    }
    ImportOptions judged =
        options.gate().isPresent()
            ? options.withVerdict(options.gate().get().admit(manifest, id))
            : options;
    try (FileLock sweep = FileLock.keyShared(kernel, layout.sweepLock())) {
      Path blob = layout.aciBlob(id);
      layout.prepareParent(blob);
      AtomicFiles.rename(kernel, temporary, blob);
      return publisher.aci(id, manifest, guard.count(), judged);
    }
  }

  private static void drain(ObservedStream in, long maxBytes) throws IOException {
    byte[] scratch = new byte[64 << 10];
    while (in.read(scratch, 0, scratch.length) >= 0) {
      if (in.count() > maxBytes) {
        throw new ArchiveException(
            ArchiveException.Fault.LIMIT, "the file is larger than " + maxBytes + " bytes");
      }
    }
  }
}
