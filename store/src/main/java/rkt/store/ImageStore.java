package rkt.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
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
    updateEvidence(id, before -> json);
  }

  /** What becomes of what proves an image's origin. */
  public interface EvidenceMerge {
    /**
     * @param before what is kept by now; empty when nothing is
     */
    byte[] with(byte[] before) throws EngineException;
  }

  /**
   * As {@link #saveEvidence}, but with a look at what is kept: processes that do so at the same
   * time come one after the other, so that none loses what another one added.
   */
  public void updateEvidence(ImageId id, EvidenceMerge merge) throws EngineException {
    new Evidence(layout).update(id, merge);
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
          throw StoreFailures.notFound(attempted, id);
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
    return lookup.get(full);
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
    return lookup.dependency(dependency);
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
    return new StoredContent(layout).appcManifest(image);
  }

  /** The appc manifest as stored, compact JSON. */
  public byte[] manifestBytes(ImageRecord image) throws EngineException {
    return new StoredContent(layout).appcManifestBytes(image);
  }

  /** Bytes of the image's blobs and of its unpacked layers or rendered tree. */
  public long sizeOf(ImageRecord image) throws EngineException {
    return trees().size(image);
  }

  // root file systems

  /**
   * Makes sure the image's tree is rendered or its layers are unpacked. The caller keeps gc away
   * until the pod that uses them is recorded.
   *
   * @param forCopy has no effect on what is prepared: both ways start from the same trees
   */
  public RootfsLayers rootfs(ImageRecord image, boolean forCopy) throws EngineException {
    return trees().prepare(image);
  }

  /** Copies the merged root file system to a directory, for pods without an overlay. */
  public void copyRootfs(ImageRecord image, Path emptyTarget) throws EngineException {
    trees().copy(image, emptyTarget);
  }

  private ImageTrees trees() {
    return new ImageTrees(layout, index, rootfs());
  }

  // keeping house

  /** Sets the time of the last use to now. */
  public void touch(ImageRecord image) throws EngineException {
    housekeeping().touch(image.id());
  }

  /** Removes an image and the blobs only it has; never a tree. */
  public RemovalResult remove(ImageId id) throws EngineException {
    return housekeeping().remove(id);
  }

  /** Removes unused images, trees, and all that nothing refers to. */
  public GcReport gc(GcPolicy policy) throws EngineException {
    return housekeeping().gc(policy);
  }

  /** Checks blobs against their digests and trees against what they were made from. */
  public VerifyReport verify(ImageRecord image) throws EngineException {
    return housekeeping().verify(image, rootfs(), false);
  }

  /**
   * Verifies, and makes damaged trees and layers again from what is stored. Damaged blobs of an OCI
   * image are removed: {@link VerifyReport#unrepaired} tells what to fetch, and a fetch of the
   * image then downloads just that.
   */
  public VerifyReport repair(ImageRecord image) throws EngineException {
    return housekeeping().verify(image, rootfs(), true);
  }

  private Housekeeping housekeeping() {
    return new Housekeeping(layout, index, references, publisher);
  }

  private Rootfs rootfs() {
    return new Rootfs(this, layout, publisher);
  }
}
