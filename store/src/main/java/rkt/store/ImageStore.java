package rkt.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import rkt.os.Errno;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Dependency;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Labels;
import rkt.schema.oci.Digest;
import rkt.schema.oci.OciManifest;
import rkt.store.unpack.UnpackLimits;

/**
 * The images on this machine. Holds no state but paths: any number of processes and threads may use
 * the same store at once.
 */
public final class ImageStore {
  static final int MAX_MANIFEST_BYTES = 64 << 20;

  private final Layout layout;
  private final Kernel kernel;
  private final Index index;
  private final References references;
  private final Publisher publisher;
  private final ImageLookup lookup;

  private ImageStore(Layout layout) {
    this.layout = layout;
    this.kernel = layout.kernel();
    this.index = new Index(layout);
    this.references = new References(layout);
    this.publisher = new Publisher(layout, index, references);
    this.lookup = new ImageLookup(layout, index);
  }

  /** Opens a store, which need not exist: then it is empty, and the first writer makes it. */
  public static ImageStore open(Path casDir, Kernel kernel) throws EngineException {
    Layout layout = new Layout(casDir.toAbsolutePath(), kernel);
    StoreVersion.check(layout);
    return new ImageStore(layout);
  }

  // images in

  /** Takes in an ACI, compressed in any way. Importing again refreshes the record. */
  public ImageRecord importAci(InputStream raw, ImportOptions options) throws EngineException {
    return new AciImport(layout, publisher).run(raw, options);
  }

  public OciImport beginOci() throws EngineException {
    return new OciImport(layout, publisher, UnpackLimits.DEFAULT);
  }

  /**
   * What is kept of an interrupted download, exclusively for this process; blocks while another one
   * has it. Blobs of OCI images have {@link OciImport#partialBlob}.
   *
   * @param key any text that stands for the content, such as its URL
   * @param waiting called once if another process has it
   */
  public PartialDownload partial(String key, Runnable waiting) throws EngineException {
    try {
      return PartialDownload.open(layout, key, waiting);
    } catch (IOException e) {
      throw StoreFailures.of("download " + key, e);
    }
  }

  /**
   * Waits until no other process does the same work.
   *
   * @param key any text that stands for the work, such as the digest of a manifest
   * @param waiting called once if another process does
   */
  public PullLock pullLock(String key, Runnable waiting) throws EngineException {
    try {
      return PullLock.take(layout, key, waiting);
    } catch (IOException e) {
      throw StoreFailures.of("wait for another rkt that fetches " + key, e);
    }
  }

  // content

  /** A blob of a stored OCI image; reading its last byte verifies it. */
  public InputStream openBlob(Digest digest) throws EngineException {
    return new StoredContent(layout).openBlob(digest);
  }

  /** The uncompressed archive of a stored ACI; reading its last byte verifies it. */
  public InputStream openAci(ImageRecord image) throws EngineException {
    return new StoredContent(layout).openAci(image);
  }

  /** The manifest of a stored OCI image, byte for byte. */
  public byte[] ociManifestBytes(ImageRecord image) throws EngineException {
    return new StoredContent(layout).manifestBytes(image);
  }

  public OciManifest ociManifest(ImageRecord image) throws EngineException {
    return new StoredContent(layout).manifest(image);
  }

  /** The configuration of a stored OCI image, byte for byte. */
  public byte[] ociConfigBytes(ImageRecord image) throws EngineException {
    return new StoredContent(layout).configBytes(image);
  }

  /** Keeps what proves an image's origin (opaque here); goes with the image. */
  public void saveEvidence(ImageId id, byte[] json) throws EngineException {
    new Evidence(layout).save(id, json);
  }

  public Optional<byte[]> evidence(ImageId id) throws EngineException {
    return new Evidence(layout).read(id);
  }

  /** Begins work that needs room on the store's disk. */
  public Scratch scratch() throws EngineException {
    return new Scratch(layout);
  }

  // looking up

  /** The image a reference stands for, if both are here. */
  public Optional<ImageRecord> byRef(String ref) throws EngineException {
    Optional<StoredReference> stored = reference(ref);
    return stored.isEmpty() ? Optional.empty() : get(stored.get().image());
  }

  public Optional<StoredReference> reference(String ref) throws EngineException {
    try {
      return references.get(ref);
    } catch (IOException e) {
      throw StoreFailures.of("look up " + ref, e);
    }
  }

  /** All references, in no order. */
  public List<StoredReference> references() throws EngineException {
    try {
      return references.all();
    } catch (IOException e) {
      throw StoreFailures.of("list the references", e);
    }
  }

  /** The references to one image, sorted. */
  public List<StoredReference> references(ImageId id) throws EngineException {
    List<StoredReference> found = new ArrayList<>(references());
    found.removeIf(stored -> !stored.image().equals(id));
    found.sort(Comparator.comparing(stored -> stored.reference().ref()));
    return found;
  }

  /** Makes a reference stand for an image from now on, whatever it stood for. */
  public void tag(Reference reference, ImageId id) throws EngineException {
    String attempted = "name image " + id + " " + reference.ref();
    try {
      layout.prepare();
      try (FileLock sweep = FileLock.keyShared(kernel, layout.sweepLock())) {
        if (index.get(id).isEmpty()) {
          throw notFound(attempted, id);
        }
        references.put(reference, id, Publisher.now());
      }
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    }
  }

  /**
   * Forgets a reference; the image stays.
   *
   * @return false when there was none
   */
  public boolean untag(String ref) throws EngineException {
    try {
      return references.remove(ref);
    } catch (IOException e) {
      throw StoreFailures.of("forget the name " + ref, e);
    }
  }

  /**
   * @param full a full ID; a prefix finds nothing, see {@link #resolve}
   */
  public Optional<ImageRecord> get(ImageId full) throws EngineException {
    try {
      Optional<IndexEntry> entry = index.get(full);
      return entry.isEmpty() ? Optional.empty() : Optional.of(entry.get().record());
    } catch (IOException e) {
      throw StoreFailures.of("look up image " + full, e);
    }
  }

  /**
   * The one image whose ID begins so.
   *
   * @param idOrPrefix at least nine characters; what is longer than a full ID is cut
   */
  public ImageId resolve(String idOrPrefix) throws EngineException {
    return lookup.resolve(idOrPrefix);
  }

  /**
   * The best image of a name that has every label given: without a version asked for, one imported
   * as the latest; then the newest.
   */
  public Optional<ImageRecord> byName(AcIdentifier name, Labels labels) throws EngineException {
    return lookup.byName(name, labels);
  }

  /** As {@link #byName}, followed by those that would be chosen if it were not there. */
  public List<ImageRecord> byPreference(AcIdentifier name, Labels labels) throws EngineException {
    return lookup.byPreference(name, labels);
  }

  /**
   * The stored ACI that a dependency means, and that is rendered for it: by its ID if it has one,
   * else by its name and its own labels. Nothing is asked for that the dependency does not say, so
   * an image for every architecture serves images of one. OCI images may have the same name; they
   * are no dependencies.
   */
  public Optional<ImageRecord> dependency(Dependency dependency) throws EngineException {
    if (dependency.imageId().isEmpty()) {
      return aciByName(dependency.imageName(), dependency.labels());
    }
    try {
      return get(resolve(dependency.imageId().get().value()));
    } catch (EngineException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** As {@link #byName} among the ACIs. */
  public Optional<ImageRecord> aciByName(AcIdentifier name, Labels labels) throws EngineException {
    return lookup.aciByName(name, labels);
  }

  /** Every image of exactly this name, in no order. */
  public List<ImageRecord> allByName(AcIdentifier name) throws EngineException {
    return lookup.allByName(name);
  }

  /** All images, in no order. */
  public List<ImageRecord> list() throws EngineException {
    return lookup.list();
  }

  /**
   * All images with what a listing shows, as fast as can be. In no order.
   *
   * @param damaged told of each image whose record cannot be read; it is left out
   */
  public List<ImageSummary> summaries(Consumer<String> damaged) throws EngineException {
    return new UsageCount(this, layout, index, publisher).summaries(damaged);
  }

  /**
   * All images with what they take on the disk, alone and together. In no order.
   *
   * @param damaged told of each image whose record cannot be read; it is left out
   */
  public StoreUsage usage(Consumer<String> damaged) throws EngineException {
    return new UsageCount(this, layout, index, publisher).all(damaged);
  }

  public ImageManifest manifest(ImageRecord image) throws EngineException {
    try {
      return ImageManifest.parse(manifestBytes(image));
    } catch (SchemaException e) {
      throw StoreFailures.of("read the manifest of image " + image.id(), e);
    }
  }

  /** The appc manifest as stored, compact JSON. */
  public byte[] manifestBytes(ImageRecord image) throws EngineException {
    String attempted = "read the manifest of image " + image.id();
    try {
      return layout.readFile(layout.manifest(image.id()), MAX_MANIFEST_BYTES);
    } catch (IOException e) {
      if (e instanceof OsException os && os.is(Errno.ENOENT)) {
        throw notFound(attempted, image.id());
      }
      throw StoreFailures.of(attempted, e);
    }
  }

  /** Bytes of the image's blobs and of its unpacked layers or rendered tree. */
  public long sizeOf(ImageRecord image) throws EngineException {
    try {
      Optional<IndexEntry> entry = index.get(image.id());
      if (entry.isEmpty()) {
        return image.size();
      }
      long tree = entry.get().unpackedSize();
      if (image.kind() == ImageRecord.Kind.ACI) {
        String treeId = new Rootfs(this, layout, publisher).treeId(entry.get());
        tree = treeId.isEmpty() ? 0 : new TreeStore(layout).size(treeId);
      }
      return image.size() + tree;
    } catch (IOException e) {
      throw StoreFailures.of("measure image " + image.id(), e);
    }
  }

  // root file systems

  /**
   * Makes sure the image's tree is rendered or its layers are unpacked. The caller keeps gc away
   * until the pod that uses them is recorded.
   *
   * @param forCopy has no effect on what is prepared: both ways start from the same trees
   */
  public RootfsLayers rootfs(ImageRecord image, boolean forCopy) throws EngineException {
    String attempted = "prepare the root file system of image " + image.id();
    try {
      return new Rootfs(this, layout, publisher).layers(entry(attempted, image));
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    } catch (SchemaException e) {
      throw StoreFailures.of(attempted, e);
    }
  }

  /** Copies the merged root file system to a directory, for pods without an overlay. */
  public void copyRootfs(ImageRecord image, Path emptyTarget) throws EngineException {
    String attempted = "copy the root file system of image " + image.id();
    try {
      new Rootfs(this, layout, publisher).copy(entry(attempted, image), emptyTarget);
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    } catch (SchemaException e) {
      throw StoreFailures.of(attempted, e);
    }
  }

  // keeping house

  /** Sets the time of the last use to now. */
  public void touch(ImageRecord image) throws EngineException {
    try {
      index.touch(image.id());
    } catch (IOException e) {
      throw StoreFailures.of("note the use of image " + image.id(), e);
    }
  }

  /** Removes an image and the blobs only it has; never a tree. */
  public RemovalResult remove(ImageId id) throws EngineException {
    try {
      return new Removal(layout, index, references).remove(id);
    } catch (IOException e) {
      throw StoreFailures.of("remove image " + id, e);
    }
  }

  /** Removes unused images, trees, and all that nothing refers to. */
  public GcReport gc(GcPolicy policy) throws EngineException {
    try {
      if (!layout.exists(layout.cas())) {
        return new GcReport(List.of(), List.of(), 0, 0, List.of(), List.of());
      }
      return new Collector(layout, index, references, policy).collect();
    } catch (IOException e) {
      throw StoreFailures.of("collect garbage in the image store", e);
    } catch (SchemaException e) {
      throw StoreFailures.of("collect garbage in the image store", e);
    }
  }

  /** Checks blobs against their digests and trees against what they were made from. */
  public VerifyReport verify(ImageRecord image) throws EngineException {
    return verify(image, false);
  }

  /**
   * Verifies, and makes damaged trees and layers again from what is stored. Damaged blobs of an OCI
   * image are removed: {@link VerifyReport#unrepaired} tells what to fetch, and a fetch of the
   * image then downloads just that.
   */
  public VerifyReport repair(ImageRecord image) throws EngineException {
    return verify(image, true);
  }

  private VerifyReport verify(ImageRecord image, boolean repair) throws EngineException {
    String attempted = "verify image " + image.id();
    try {
      IndexEntry entry = entry(attempted, image);
      Rootfs rootfs = new Rootfs(this, layout, publisher);
      return new Verification(layout, publisher, rootfs, repair).verify(entry);
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    }
  }

  private IndexEntry entry(String attempted, ImageRecord image)
      throws EngineException, IOException {
    Optional<IndexEntry> entry = index.get(image.id());
    if (entry.isEmpty()) {
      throw notFound(attempted, image.id());
    }
    return entry.get();
  }

  private static EngineException notFound(String attempted, ImageId id) {
    return EngineException.of(ErrorCode.NOT_FOUND, attempted, "cannot find image with key: " + id);
  }
}
