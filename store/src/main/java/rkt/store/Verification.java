package rkt.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.FdStream;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;
import rkt.schema.appc.ImageManifest;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.OciConfig;
import rkt.schema.oci.OciManifest;
import rkt.store.Finding.Part;
import rkt.store.unpack.StreamSource;
import rkt.store.unpack.UnpackLimits;

/**
 * Whether the store still holds what was imported: digests of all blobs, the hash of a rendered
 * tree, and layer trees compared with what their blobs unpack to now. What can be made again from
 * good blobs is, when that is asked for.
 */
final class Verification {
  private final Layout layout;
  private final Kernel kernel;
  private final LayerStore layers;
  private final TreeStore trees;
  private final OciBlobs blobs;
  private final Publisher publisher;
  private final Rootfs rootfs;
  private final boolean repair;
  private final List<String> checked = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  Verification(Layout layout, Publisher publisher, Rootfs rootfs, boolean repair) {
    this.layout = layout;
    this.kernel = layout.kernel();
    this.layers = new LayerStore(layout);
    this.trees = new TreeStore(layout);
    this.blobs = new OciBlobs(layout);
    this.publisher = publisher;
    this.rootfs = rootfs;
    this.repair = repair;
  }

  VerifyReport verify(IndexEntry entry) throws EngineException, IOException {
    if (entry.record().kind() == ImageRecord.Kind.ACI) {
      aci(entry);
    } else {
      oci(entry);
    }
    return new VerifyReport(checked, findings);
  }

  private void found(Part part, Object subject, String problem, boolean repaired) {
    findings.add(new Finding(part, subject.toString(), problem, repaired));
  }

  /** What can be said of the copy of the manifest without anything to compare it with. */
  private String manifestProblem(IndexEntry entry) throws IOException {
    String what = "the appc manifest of " + entry.record().id();
    Path file = layout.manifest(entry.record().id());
    if (!layout.exists(file)) {
      return what + " is missing";
    }
    try {
      ImageManifest stored = storedManifest(file);
      return stored.name().equals(entry.record().name())
          ? ""
          : what + " is damaged: it names " + stored.name() + ", not " + entry.record().name();
    } catch (SchemaException e) {
      return what + " is damaged: " + e.getMessage();
    }
  }

  private String manifestProblem(IndexEntry entry, ImageManifest expected) throws IOException {
    String problem = manifestProblem(entry);
    if (!problem.isEmpty()) {
      return problem;
    }
    ImageManifest stored = storedManifest(layout.manifest(entry.record().id()));
    return stored.toJson().equals(expected.toJson())
        ? ""
        : "the appc manifest of " + entry.record().id() + " differs from the one in its archive";
  }

  private ImageManifest storedManifest(Path file) throws IOException {
    return ImageManifest.parse(
        SmallFiles.read(kernel, file.toString(), StoredContent.MAX_DOCUMENT_BYTES));
  }

  private void aci(IndexEntry entry) throws IOException {
    String id = entry.record().id().value();
    Path archive = layout.aciBlob(entry.record().id());
    String problem = damage(archive, Hashes.sha512(), "image " + id, "sha512-", id);
    if (!problem.isEmpty()) {
      found(Part.ARCHIVE, id, problem, false);
    }
    boolean good = problem.isEmpty();
    String wrong = good ? manifestProblem(entry, inArchive(archive)) : manifestProblem(entry);
    if (!wrong.isEmpty()) {
      boolean restored = repair && good && restoreManifest(entry, archive);
      found(Part.MANIFEST, id, wrong, restored);
    }
    String treeId = rootfs.treeId(entry);
    if (treeId.isEmpty() || !trees.isRendered(treeId)) {
      return;
    }
    checked.add("tree " + treeId);
    for (String different : treeProblems(treeId)) {
      found(Part.TREE, treeId, different, repair && rendered(entry));
    }
  }

  private List<String> treeProblems(String treeId) {
    try {
      return trees.verify(treeId);
    } catch (IOException e) {
      return List.of("tree " + treeId + ": " + e.getMessage());
    }
  }

  private boolean rendered(IndexEntry entry) throws IOException {
    try {
      rootfs.renderAgain(entry);
      return true;
    } catch (EngineException | SchemaException e) {
      // Its archive, or that of a dependency, is damaged, too: that is to be fetched first.
      checked.add("not rendered again: " + e.getMessage());
      return false;
    }
  }

  private boolean restoreManifest(IndexEntry entry, Path archive) throws IOException {
    publisher.writeManifest(entry.record().id(), inArchive(archive));
    return true;
  }

  private ImageManifest inArchive(Path archive) throws IOException {
    try (InputStream in = new FdStream(kernel, layout.openFile(archive))) {
      UnpackLimits limits = UnpackLimits.DEFAULT.withMaxBytes(Long.MAX_VALUE);
      return ImageManifest.parse(AciArchive.check(new StreamSource(in), limits));
    }
  }

  private void oci(IndexEntry entry) throws IOException {
    String wrong = manifestProblem(entry);
    if (!wrong.isEmpty()) {
      // Derived from more than is stored: the next fetch writes it again.
      found(Part.MANIFEST, entry.record().id(), wrong, false);
    }
    Set<Digest> damaged = new HashSet<>();
    for (Digest blob : entry.blobs()) {
      String name = blob.toString();
      String problem =
          damage(
              layout.ociBlob(blob), Hashes.of(blob), "blob " + name, blob.algorithm() + ":", name);
      if (!problem.isEmpty()) {
        damaged.add(blob);
        found(Part.BLOB, blob, problem, false);
        if (repair) {
          blobs.discard(blob);
        }
      }
    }
    try {
      Digest first = entry.blobs().get(0);
      if (damaged.contains(first)) {
        return;
      }
      OciManifest manifest = OciManifest.parse(read(first));
      if (!damaged.contains(manifest.config().digest())) {
        compareLayers(manifest, OciConfig.parse(read(manifest.config().digest())), damaged);
      }
    } catch (SchemaException e) {
      String problem = "its documents are damaged: " + e.getMessage();
      found(Part.MANIFEST, entry.record().id(), problem, false);
    }
  }

  private void compareLayers(OciManifest manifest, OciConfig config, Set<Digest> damaged)
      throws IOException {
    Lease lease = Lease.begin(layout);
    try {
      Set<Digest> compared = new HashSet<>();
      for (int i = 0; i < manifest.layers().size(); i++) {
        Descriptor blob = manifest.layers().get(i);
        Digest diffId = config.rootfs().diffIds().get(i);
        // A layer that is not unpacked will be when it is needed.
        boolean here = layout.exists(layout.layer(diffId));
        if (here && !damaged.contains(blob.digest()) && compared.add(diffId)) {
          checked.add("layer " + diffId);
          compareLayer(lease.temporary(), blob, diffId);
        }
      }
      lease.close();
    } catch (IOException | RuntimeException e) {
      lease.closeAfter(e);
      throw e;
    }
  }

  private void compareLayer(Path fresh, Descriptor blob, Digest diffId) throws IOException {
    try (InputStream in = blobs.open(blob.digest())) {
      layers.unpack(
          fresh, diffId, in, blob.size(), UnpackLimits.DEFAULT, (block, offset, length) -> {});
    }
    String problem = difference(fresh, diffId);
    if (!problem.isEmpty()) {
      if (repair) {
        try (FileLock sweep = FileLock.keyShared(kernel, layout.sweepLock())) {
          layers.replace(fresh, diffId);
        }
      }
      found(Part.LAYER, diffId, problem + " (layer " + diffId + ")", repair);
    }
    kernel.removeTree(Consts.AT_FDCWD, fresh.toString());
  }

  /** "" when there is none. */
  private String difference(Path fresh, Digest diffId) throws IOException {
    try {
      if (!layers.has(diffId)) {
        return "its record is missing";
      }
    } catch (OsException e) {
      throw e;
    } catch (IOException e) {
      return e.getMessage() == null ? e.toString() : e.getMessage();
    }
    String expected = TreeHash.of(kernel, fresh.resolve(LayerStore.FS), Set.of());
    String hash = "";
    if (layout.exists(layers.fs(diffId))) {
      hash = TreeHash.of(kernel, layers.fs(diffId), Set.of());
    }
    return hash.equals(expected) ? "" : "wrong tree hash: " + hash + ", expected: " + expected;
  }

  private byte[] read(Digest blob) throws IOException {
    try (InputStream in = blobs.open(blob)) {
      return in.readAllBytes();
    }
  }

  /**
   * @param expected the digest or its beginning
   * @return "" when the file is what it should be
   */
  private String damage(
      Path file, MessageDigest hash, String what, String prefix, String expected) {
    checked.add(what);
    byte[] buffer = new byte[64 << 10];
    try (Fd fd = layout.openFile(file)) {
      int n;
      while ((n = kernel.read(fd.number(), buffer, 0, buffer.length)) > 0) {
        hash.update(buffer, 0, n);
      }
    } catch (IOException e) {
      boolean gone = e instanceof OsException os && os.is(Errno.ENOENT);
      return what + (gone ? " is missing" : ": " + e.getMessage());
    }
    String found = prefix + Hashes.hex(hash.digest());
    if (found.startsWith(expected)) {
      return "";
    }
    return prefix.equals("sha512-")
        ? "image hash does not match expected (" + found + " != " + expected + ")"
        : what + " has the digest " + found;
  }
}
