package rkt.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
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

/**
 * Takes in an ACI in one pass: one thread reads, inflates and judges, one hashes and stores, one
 * checks the archive and unpacks it, if that is wanted.
 */
final class AciImport {
  private final Layout layout;
  private final Kernel kernel;
  private final Publisher publisher;
  private final TreeStore trees;

  AciImport(Layout layout, Publisher publisher) {
    this.layout = layout;
    this.kernel = layout.kernel();
    this.publisher = publisher;
    this.trees = new TreeStore(layout);
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

  /** An archive that has been read to its end. */
  private record Arrived(ImageManifest manifest, ImageId id, long size) {}

  private ImageRecord run(Lease lease, String attempted, InputStream raw, ImportOptions options)
      throws IOException, EngineException {
    Path temporary = lease.temporary();
    int flags = Consts.O_WRONLY | Consts.O_CREAT | Consts.O_EXCL | Consts.O_NOFOLLOW;
    try (Writeback writeback = new Writeback(layout);
        EarlyTree tree = earlyTree(lease, options);
        Fd file = Fd.open(kernel, temporary.toString(), flags, Layout.FILE_MODE)) {
      Arrived arrived = read(raw, options, file, tree, writeback);
      ImportOptions judged = judge(attempted, arrived, options);
      // On the disk before a record names it; once for both, archive and tree.
      if (tree.complete().isPresent()) {
        TreeDraft draft = tree.complete().get();
        draft.seal(arrived.id(), arrived.manifest(), tree.size(), writeback);
      } else {
        kernel.fsync(file.number());
      }
      ImageRecord record = publish(temporary, arrived, judged);
      if (tree.complete().isPresent()) {
        trees.adopt(TreeIds.of(List.of(arrived.id().value())), tree.complete().get());
      }
      return record;
    }
  }

  private EarlyTree earlyTree(Lease lease, ImportOptions options) throws OsException {
    UnpackLimits limits = UnpackLimits.DEFAULT.withMaxBytes(options.maxUncompressedBytes());
    // Only root can unpack an image as it is.
    boolean wanted = options.rendering() && kernel.geteuid() == 0;
    Optional<TreeDraft> draft =
        wanted ? Optional.of(new TreeDraft(kernel, lease.temporary())) : Optional.empty();
    return new EarlyTree(draft, limits, this::looksRendered);
  }

  /** A file that is imported once more is known by its manifest, well enough for a guess. */
  private boolean looksRendered(ImageManifest manifest) {
    try {
      for (ImageId id : publisher.withManifest(manifest)) {
        if (trees.isRendered(TreeIds.of(List.of(id.value())))) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  private Arrived read(
      InputStream raw, ImportOptions options, Fd file, EarlyTree tree, Writeback writeback)
      throws IOException {
    UnpackLimits limits = UnpackLimits.DEFAULT.withMaxBytes(options.maxUncompressedBytes());
    MessageDigest hash = Hashes.sha512();
    ObservedSource.Observer gate =
        options.gate().isPresent() ? options.gate().get()::bytes : (b, off, len) -> {};
    ObservedStream counted = new ObservedStream(raw, gate);
    BombGuard guard = new BombGuard(limits.maxBytes(), counted::count);
    byte[] manifest;
    try (InputStream tar = Compression.openTar(counted, options.origin())) {
      manifest =
          Pipeline.run(
              tar,
              (b, off, len) -> {
                guard.bytes(b, off, len);
                hash.update(b, off, len);
                kernel.write(file.number(), b, off, len);
                writeback.wrote(len);
              },
              source -> {
                byte[] json = AciArchive.check(source, limits, tree);
                tree.end();
                return json;
              });
      // What follows the archive was signed with it.
      drain(counted, limits.maxBytes());
    }
    kernel.fchmod(file.number(), Layout.FILE_MODE);
    ImageId id = ImageId.sha512(Hashes.hex(hash.digest()));
    return new Arrived(ImageManifest.parse(manifest), id, guard.count());
  }

  private static ImportOptions judge(String attempted, Arrived arrived, ImportOptions options)
      throws EngineException {
    ImageId id = arrived.id();
    if (options.expected().isPresent() && !options.expected().get().equals(id)) {
      throw EngineException.of(
          ErrorCode.CORRUPT,
          attempted,
          "image hash does not match expected (" + id + " != " + options.expected().get() + ")");
    }
    return options.gate().isPresent()
        ? options.withVerdict(options.gate().get().admit(arrived.manifest(), id))
        : options;
  }

  private ImageRecord publish(Path temporary, Arrived arrived, ImportOptions judged)
      throws IOException {
    try (FileLock sweep = FileLock.keyShared(kernel, layout.sweepLock())) {
      Path blob = layout.aciBlob(arrived.id());
      layout.prepareParent(blob);
      AtomicFiles.rename(kernel, temporary, blob);
      return publisher.aci(arrived.id(), arrived.manifest(), arrived.size(), judged);
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
