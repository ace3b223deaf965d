package rkt.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.OciConfig;
import rkt.schema.oci.OciManifest;
import rkt.store.unpack.UnpackLimits;

/**
 * Whether the store still holds what was imported: digests of all blobs, the hash of a rendered
 * tree, and layer trees compared with what their blobs unpack to now.
 */
final class Verification {
  private final Layout layout;
  private final Kernel kernel;
  private final LayerStore layers;
  private final TreeStore trees;
  private final List<String> checked = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  Verification(Layout layout) {
    this.layout = layout;
    this.kernel = layout.kernel();
    this.layers = new LayerStore(layout);
    this.trees = new TreeStore(layout);
  }

  VerifyReport verify(IndexEntry entry) throws EngineException {
    if (!layoutHasManifest(entry)) {
      problems.add("the appc manifest of " + entry.record().id() + " is missing");
    }
    if (entry.record().kind() == ImageRecord.Kind.ACI) {
      aci(entry);
    } else {
      oci(entry);
    }
    return new VerifyReport(checked, problems);
  }

  private boolean layoutHasManifest(IndexEntry entry) throws EngineException {
    try {
      return layout.exists(layout.manifest(entry.record().id()));
    } catch (IOException e) {
      throw StoreFailures.of("verify image " + entry.record().id(), e);
    }
  }

  private void aci(IndexEntry entry) {
    String id = entry.record().id().value();
    String found = hash(layout.aciBlob(entry.record().id()), Hashes.sha512(), "image " + id);
    if (!found.isEmpty() && !("sha512-" + found).startsWith(id)) {
      problems.add("image hash does not match expected (sha512-" + found + " != " + id + ")");
    }
    String treeId = entry.treeId();
    try {
      if (!treeId.isEmpty() && trees.isRendered(treeId)) {
        checked.add("tree " + treeId);
        problems.addAll(trees.verify(treeId));
      }
    } catch (IOException e) {
      problems.add("tree " + treeId + ": " + e.getMessage());
    }
  }

  private void oci(IndexEntry entry) throws EngineException {
    int before = problems.size();
    for (Digest blob : entry.blobs()) {
      String found = hash(layout.ociBlob(blob), Hashes.of(blob), "blob " + blob);
      if (!found.isEmpty() && !found.equals(blob.hex())) {
        problems.add("blob " + blob + " has the digest " + blob.algorithm() + ":" + found);
      }
    }
    if (problems.size() > before) {
      return;
    }
    try {
      OciManifest manifest = OciManifest.parse(read(entry.blobs().get(0)));
      OciConfig config = OciConfig.parse(read(manifest.config().digest()));
      Lease lease = Lease.begin(layout);
      try {
        compareLayers(lease, manifest, config);
        lease.close();
      } catch (IOException | RuntimeException e) {
        lease.closeAfter(e);
        throw e;
      }
    } catch (SchemaException e) {
      problems.add("its documents are damaged: " + e.getMessage());
    } catch (IOException e) {
      throw StoreFailures.of("verify image " + entry.record().id(), e);
    }
  }

  private void compareLayers(Lease lease, OciManifest manifest, OciConfig config)
      throws IOException {
    for (int i = 0; i < manifest.layers().size(); i++) {
      Descriptor blob = manifest.layers().get(i);
      Digest diffId = config.rootfs().diffIds().get(i);
      // A layer that is not unpacked will be when it is needed.
      if (layers.has(diffId)) {
        checked.add("layer " + diffId);
        Path fresh = lease.temporary();
        try (InputStream in = new OciBlobs(layout).open(blob.digest())) {
          layers.unpack(fresh, diffId, in, blob.size(), UnpackLimits.DEFAULT);
        }
        String expected = TreeHash.of(kernel, fresh.resolve(LayerStore.FS), Set.of());
        String found = TreeHash.of(kernel, layers.fs(diffId), Set.of());
        if (!found.equals(expected)) {
          problems.add(
              "wrong tree hash: " + found + ", expected: " + expected + " (layer " + diffId + ")");
        }
        kernel.removeTree(Consts.AT_FDCWD, fresh.toString());
      }
    }
  }

  private byte[] read(Digest blob) throws IOException {
    try (InputStream in = new OciBlobs(layout).open(blob)) {
      return in.readAllBytes();
    }
  }

  /** The hex digest of a file, "" (and a problem noted) when it cannot be read. */
  private String hash(Path file, MessageDigest hash, String what) {
    checked.add(what);
    byte[] buffer = new byte[64 << 10];
    try (Fd fd = Fd.open(kernel, file.toString(), Consts.O_RDONLY, 0)) {
      int n;
      while ((n = kernel.read(fd.number(), buffer, 0, buffer.length)) > 0) {
        hash.update(buffer, 0, n);
      }
      return Hashes.hex(hash.digest());
    } catch (OsException e) {
      problems.add(what + (e.is(Errno.ENOENT) ? " is missing" : ": " + e.getMessage()));
      return "";
    }
  }
}
