package rkt.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.Stat;
import rkt.schema.EngineException;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.OciConfig;
import rkt.schema.oci.OciManifest;
import rkt.store.unpack.UnpackLimits;

/** An image's root file system: found, or made again from what is stored. */
final class Rootfs {
  private final ImageStore store;
  private final Layout layout;
  private final Kernel kernel;
  private final Publisher publisher;
  private final LayerStore layers;
  private final TreeStore trees;

  Rootfs(ImageStore store, Layout layout, Publisher publisher) {
    this.store = store;
    this.layout = layout;
    this.kernel = layout.kernel();
    this.publisher = publisher;
    this.layers = new LayerStore(layout);
    this.trees = new TreeStore(layout);
  }

  RootfsLayers layers(IndexEntry entry) throws EngineException, IOException {
    return entry.record().kind() == ImageRecord.Kind.ACI ? aci(entry) : oci(entry);
  }

  private RootfsLayers aci(IndexEntry entry) throws EngineException, IOException {
    String treeId = entry.treeId();
    List<Dependencies.Node> images = List.of();
    if (treeId.isEmpty()) {
      images = new Dependencies(store).flatten(entry.record());
      treeId = TreeIds.of(keys(images));
    }
    if (!trees.isRendered(treeId)) {
      if (images.isEmpty()) {
        images = new Dependencies(store).flatten(entry.record());
      }
      trees.render(treeId, images);
    }
    Path rootfs = trees.rootfs(treeId);
    Stat s = kernel.fstatat(Consts.AT_FDCWD, rootfs.toString(), Consts.AT_SYMLINK_NOFOLLOW);
    ImplicitDir root =
        new ImplicitDir("", s.permissions(), s.uid(), s.gid(), s.mtimeSec(), s.mtimeNsec());
    return new RootfsLayers(treeId, List.of(rootfs), List.of(root));
  }

  /** Makes the tree of an ACI again, in the place of a damaged one. */
  void renderAgain(IndexEntry entry) throws EngineException, IOException {
    List<Dependencies.Node> images = new Dependencies(store).flatten(entry.record());
    trees.render(TreeIds.of(keys(images)), images, true);
  }

  /** The tree of an ACI, worked out also when it has dependencies; "" when one is missing. */
  String treeId(IndexEntry entry) throws IOException {
    if (!entry.treeId().isEmpty()) {
      return entry.treeId();
    }
    try {
      return TreeIds.of(keys(new Dependencies(store).flatten(entry.record())));
    } catch (EngineException e) {
      return "";
    }
  }

  private static List<String> keys(List<Dependencies.Node> images) {
    List<String> keys = new ArrayList<>();
    for (Dependencies.Node node : images) {
      keys.add(node.image().id().value());
    }
    return keys;
  }

  private RootfsLayers oci(IndexEntry entry) throws EngineException, IOException {
    List<Path> lowers = new ArrayList<>();
    boolean missing = false;
    for (Digest diffId : entry.lowers()) {
      Path fs = layers.fs(diffId);
      missing = missing || !layout.exists(fs);
      lowers.add(fs);
    }
    if (missing) {
      restore(entry);
    }
    publisher.recordTree(entry);
    return new RootfsLayers(entry.treeId(), lowers, entry.seeds());
  }

  private void restore(IndexEntry entry) throws EngineException, IOException {
    try (OciImport again = new OciImport(layout, publisher, UnpackLimits.DEFAULT)) {
      OciManifest manifest = OciManifest.parse(again.readBlob(stored(entry.blobs().get(0))));
      OciConfig config = OciConfig.parse(again.readBlob(manifest.config()));
      List<Digest> diffIds = config.rootfs().diffIds();
      for (int i = 0; i < diffIds.size(); i++) {
        Descriptor layer = manifest.layers().get(i);
        if (!again.hasLayer(layer, diffIds.get(i))) {
          again.unpackStored(layer, diffIds.get(i));
        }
      }
      again.restore();
    }
  }

  private Descriptor stored(Digest digest) throws IOException {
    String path = layout.ociBlob(digest).toString();
    long size = kernel.fstatat(Consts.AT_FDCWD, path, Consts.AT_SYMLINK_NOFOLLOW).size();
    return Publisher.descriptor("application/octet-stream", digest, size);
  }

  /** A full copy, the layers merged. */
  void copy(IndexEntry entry, Path target) throws EngineException, IOException {
    RootfsLayers rootfs = layers(entry);
    layout.make(target, 0755);
    try (Fd root = Fd.directory(kernel, target.toString())) {
      List<Path> topFirst = rootfs.lowerTopFirst();
      for (int i = topFirst.size() - 1; i >= 0; i--) {
        Set<String> implicit = Set.of();
        if (entry.record().kind() == ImageRecord.Kind.OCI) {
          Optional<LayerMeta> meta = layers.meta(entry.lowers().get(i));
          implicit = meta.map(LayerMeta::implicitDirs).orElse(Set.of());
        }
        TreeCopy.apply(kernel, topFirst.get(i), root.number(), implicit);
      }
      ImplicitDir seed = rootfs.upperSeeds().get(0);
      kernel.fchown(root.number(), seed.uid(), seed.gid());
      kernel.fchmod(root.number(), seed.mode());
      kernel.utimensat(
          root.number(),
          null,
          seed.mtimeSec(),
          seed.mtimeNsec(),
          seed.mtimeSec(),
          seed.mtimeNsec(),
          0);
    }
  }
}
