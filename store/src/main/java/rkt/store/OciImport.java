package rkt.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
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
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.OciConfig;
import rkt.schema.oci.OciManifest;
import rkt.store.unpack.ArchiveException;
import rkt.store.unpack.ObservedStream;
import rkt.store.unpack.UnpackLimits;

/**
 * One OCI image on its way into the store. Methods may be called from several threads at once, one
 * per layer; {@link #commit} last and once. Closing without a commit abandons the import: whatever
 * it left is garbage that gc finds.
 *
 * <p>Blobs appear as they are verified, so that a later attempt need not load them again. Layers
 * wait in {@code tmp/} and appear at the commit, after one flush of the file system.
 */
public final class OciImport implements AutoCloseable {
  private static final int MAX_DOCUMENT_BYTES = 64 << 20;

  private final Layout layout;
  private final Kernel kernel;
  private final OciBlobs blobs;
  private final LayerStore layers;
  private final Publisher publisher;
  private final UnpackLimits limits;
  private final Lease lease;
  private final Writeback writeback;
  private final AtomicLong total = new AtomicLong();
  private final Map<Digest, Path> unpacked = new ConcurrentHashMap<>();

  OciImport(Layout layout, Publisher publisher, UnpackLimits limits) throws EngineException {
    this.layout = layout;
    this.kernel = layout.kernel();
    this.blobs = new OciBlobs(layout);
    this.layers = new LayerStore(layout);
    this.publisher = publisher;
    this.limits = limits;
    try {
      publisher.prepare();
      this.writeback = new Writeback(layout);
      this.lease = Lease.begin(layout);
    } catch (IOException e) {
      throw StoreFailures.of("write to the image store " + layout.cas(), e);
    }
  }

  /**
   * Takes the lock on a blob's download; another process that downloads it is waited for. What it
   * has kept so far is used again.
   *
   * @param waiting called once if another process has the lock
   */
  public PartialBlob partialBlob(Descriptor blob, Runnable waiting) throws EngineException {
    try {
      PartialDownload partial = PartialDownload.open(layout, PartialBlob.key(blob), waiting);
      try {
        return new PartialBlob(this, blobs, blob, partial, pinBlob(blob));
      } catch (IOException | RuntimeException e) {
        partial.close();
        throw e;
      }
    } catch (IOException e) {
      throw StoreFailures.of("download blob " + blob.digest(), e);
    }
  }

  /** As {@link #writeBlob(Descriptor, InputStream)}, resuming what was kept of it. */
  public void writeBlob(Descriptor blob, ResumableSource source) throws EngineException {
    try (PartialBlob partial = partialBlob(blob, source::waiting)) {
      partial.write(source);
    }
  }

  /** As {@link #unpackLayer(Descriptor, Digest, InputStream)}, resuming what was kept of it. */
  public void unpackLayer(Descriptor layer, Digest diffId, ResumableSource source)
      throws EngineException {
    try (PartialBlob partial = partialBlob(layer, source::waiting)) {
      partial.unpack(diffId, source);
    }
  }

  /** Whether the blob is here; if so it stays here until this import is closed. */
  public boolean hasBlob(Descriptor blob) throws EngineException {
    try {
      return pinBlob(blob);
    } catch (IOException e) {
      throw StoreFailures.of("look for blob " + blob.digest(), e);
    }
  }

  private boolean pinBlob(Descriptor blob) throws IOException {
    try (FileLock sweep = FileLock.keyShared(kernel, layout.sweepLock())) {
      lease.pin(Garbage.blobKey(blob.digest()));
      return blobs.has(blob.digest(), blob.size());
    }
  }

  boolean pinLayer(Digest diffId) throws IOException {
    try (FileLock sweep = FileLock.keyShared(kernel, layout.sweepLock())) {
      lease.pin(Garbage.layerKey(diffId));
      return unpacked.containsKey(diffId) || layers.has(diffId);
    }
  }

  /** Whether both the layer's blob and its unpacked tree are here: nothing to download. */
  public boolean hasLayer(Descriptor layer, Digest diffId) throws EngineException {
    try {
      // Both, also when the first is missing: what is there must stay.
      boolean tree = pinLayer(diffId);
      return pinBlob(layer) && tree;
    } catch (IOException e) {
      throw StoreFailures.of("look for layer " + layer.digest(), e);
    }
  }

  /** A small blob that is here, verified. */
  public byte[] readBlob(Descriptor blob) throws EngineException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      if (blob.size() > MAX_DOCUMENT_BYTES) {
        throw new IOException("it is larger than " + MAX_DOCUMENT_BYTES + " bytes");
      }
      try (InputStream in = blobs.open(blob.digest())) {
        OciBlobs.verifying(blob, in, bytes::write, verified -> {});
      }
    } catch (IOException e) {
      throw StoreFailures.of("read blob " + blob.digest(), e);
    }
    return bytes.toByteArray();
  }

  /** Stores a blob; size and digest are verified while it streams. Does not close the stream. */
  public void writeBlob(Descriptor blob, InputStream content) throws EngineException {
    store(blob, content, verified -> {});
  }

  /**
   * Stores a layer's blob and unpacks it in the same pass. Size, digest and diff ID are verified.
   * Does not close the stream.
   */
  public void unpackLayer(Descriptor layer, Digest diffId, InputStream compressed)
      throws EngineException {
    boolean tree;
    try {
      tree = pinLayer(diffId);
    } catch (IOException e) {
      throw StoreFailures.of("look for layer " + layer.digest(), e);
    }
    if (tree) {
      writeBlob(layer, compressed);
      return;
    }
    Path[] target = new Path[1];
    store(layer, compressed, verified -> target[0] = unpackAside(layer, diffId, verified));
    remember(diffId, target[0]);
  }

  /** Unpacks a layer whose blob is here but whose tree is not; a damaged blob is discarded. */
  public void unpackStored(Descriptor layer, Digest diffId) throws EngineException {
    String attempted = "unpack layer " + layer.digest();
    try {
      if (pinLayer(diffId)) {
        return;
      }
      Path[] target = new Path[1];
      try (InputStream in = blobs.open(layer.digest())) {
        OciBlobs.verifying(
            layer,
            in,
            (b, off, len) -> {},
            verified -> target[0] = unpackAside(layer, diffId, verified));
      } catch (ArchiveException e) {
        blobs.discard(layer.digest());
        throw e;
      }
      remember(diffId, target[0]);
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    }
  }

  /** Unpacks a layer from a stream that is being verified, below {@code tmp/}. */
  Path unpackAside(Descriptor layer, Digest diffId, InputStream verified) throws IOException {
    Path target = lease.temporaryTogether();
    // The compressed bytes stand for all that is written because of them.
    ObservedStream counted = new ObservedStream(verified, (b, off, len) -> writeback.wrote(len));
    layers.unpack(
        target,
        diffId,
        counted,
        layer.size(),
        limits,
        (b, off, len) -> bound(total.addAndGet(len)));
    return target;
  }

  /** A thousand layers, each as large as one may be, would fill any disk. */
  private void bound(long bytes) throws ArchiveException {
    if (bytes > limits.maxBytes()) {
      throw new ArchiveException(
          ArchiveException.Fault.LIMIT,
          "the layers of the image are larger than "
              + limits.maxBytes()
              + " bytes uncompressed, taken together");
    }
  }

  /** Two layers of equal content may have been unpacked at the same time; the lease removes one. */
  void remember(Digest diffId, Path target) {
    unpacked.putIfAbsent(diffId, target);
  }

  private void store(Descriptor blob, InputStream content, OciBlobs.Use use)
      throws EngineException {
    Path temporary = lease.temporary();
    int flags = Consts.O_WRONLY | Consts.O_CREAT | Consts.O_EXCL | Consts.O_NOFOLLOW;
    try {
      try (Fd file = Fd.open(kernel, temporary.toString(), flags, Layout.FILE_MODE)) {
        OciBlobs.verifying(
            blob, content, (b, off, len) -> kernel.write(file.number(), b, off, len), use);
        kernel.fchmod(file.number(), Layout.FILE_MODE);
      }
      publish(temporary, blob);
    } catch (IOException e) {
      throw StoreFailures.of("store blob " + blob.digest(), e);
    }
  }

  /** Gives a verified file its place. */
  void publish(Path verified, Descriptor blob) throws IOException {
    try (FileLock sweep = FileLock.keyShared(kernel, layout.sweepLock())) {
      lease.pin(Garbage.blobKey(blob.digest()));
      blobs.publish(verified, blob.digest());
    }
  }

  /** Makes the image visible, durably, by one rename. */
  public ImageRecord commit(OciCommit commit) throws EngineException {
    try {
      OciManifest manifest = OciManifest.parse(commit.manifest());
      OciConfig config = OciConfig.parse(commit.config());
      List<Digest> diffIds = config.rootfs().diffIds();
      Digest digest = Digest.parse("sha256:" + Hashes.sha256Hex(commit.manifest()));
      String attempted = "store image " + digest;
      try {
        return commit(commit, manifest, diffIds, digest);
      } catch (IOException e) {
        throw StoreFailures.of(attempted, e);
      }
    } catch (SchemaException e) {
      throw StoreFailures.of("store the image", e);
    }
  }

  private ImageRecord commit(
      OciCommit commit, OciManifest manifest, List<Digest> diffIds, Digest digest)
      throws EngineException, IOException {
    String attempted = "store image " + digest;
    if (diffIds.size() != manifest.layers().size()) {
      throw EngineException.of(
          ErrorCode.INVALID,
          attempted,
          "its config lists "
              + diffIds.size()
              + " layers, its manifest "
              + manifest.layers().size());
    }
    if (diffIds.isEmpty()) {
      throw EngineException.of(ErrorCode.INVALID, attempted, "it has no layers");
    }
    Descriptor self = Publisher.descriptor(manifest.mediaType(), digest, commit.manifest().length);
    writeBlob(self, new ByteArrayInputStream(commit.manifest()));
    writeBlob(manifest.config(), new ByteArrayInputStream(commit.config()));
    // The one flush: everything above is on disk before anything below names it.
    writeback.flush();
    try (FileLock sweep = FileLock.keyShared(kernel, layout.sweepLock())) {
      List<LayerStack.Layer> stack = publishLayers(manifest, diffIds);
      SequencedMap<Digest, Long> held = new LinkedHashMap<>();
      held.put(digest, (long) commit.manifest().length);
      held.put(manifest.config().digest(), manifest.config().size());
      for (Descriptor layer : manifest.layers()) {
        // A blob may serve several layers; it is stored once.
        held.putIfAbsent(layer.digest(), layer.size());
      }
      return publisher.oci(commit, ImageId.sha256(digest.hex()), digest, diffIds, stack, held);
    }
  }

  /** Publishes what was unpacked of an image that is committed already. */
  void restore() throws IOException {
    writeback.flush();
    try (FileLock sweep = FileLock.keyShared(kernel, layout.sweepLock())) {
      for (Map.Entry<Digest, Path> waiting : unpacked.entrySet()) {
        layers.publish(waiting.getValue(), waiting.getKey());
      }
    }
    AtomicFiles.syncDirectory(kernel, layout.layers());
  }

  private List<LayerStack.Layer> publishLayers(OciManifest manifest, List<Digest> diffIds)
      throws IOException {
    List<LayerStack.Layer> stack = new ArrayList<>();
    boolean published = false;
    Set<Digest> counted = new HashSet<>();
    long bytes = 0;
    for (int i = 0; i < diffIds.size(); i++) {
      Digest diffId = diffIds.get(i);
      Descriptor blob = manifest.layers().get(i);
      if (!blobs.has(blob.digest(), blob.size())) {
        throw new IOException("blob " + blob.digest() + " is missing");
      }
      Path waiting = unpacked.remove(diffId);
      if (waiting != null) {
        layers.publish(waiting, diffId);
        published = true;
      }
      Optional<LayerMeta> meta = layers.meta(diffId);
      if (meta.isEmpty()) {
        throw new IOException("layer " + blob.digest() + " is not unpacked");
      }
      // Those that were here before, too.
      bytes += counted.add(diffId) ? meta.get().size() : 0;
      bound(bytes);
      stack.add(new LayerStack.Layer(diffId, layers.fs(diffId), meta.get()));
    }
    if (published) {
      AtomicFiles.syncDirectory(kernel, layout.layers());
    }
    return stack;
  }

  /** Ends the import; what was not committed is removed. */
  @Override
  public void close() throws EngineException {
    try (writeback) {
      lease.close();
    } catch (OsException e) {
      throw StoreFailures.of("clean up after an import", e);
    }
  }
}
