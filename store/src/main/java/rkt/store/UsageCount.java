package rkt.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.schema.oci.Digest;

/** Counts who has which blob, layer and tree, and how large each is. */
final class UsageCount {
  private final ImageStore store;
  private final Layout layout;
  private final Index index;
  private final Publisher publisher;
  private final TreeStore trees;
  private final LayerStore layers;
  private final Map<String, Part> parts = new HashMap<>();

  /** Layers that are unpacked; null when that is not for us to look at. */
  private @Nullable Set<String> unpacked;

  private Set<String> rendered = Set.of();

  /** A blob, layer or tree. */
  private static final class Part {
    private final long bytes;
    private int owners;

    Part(long bytes) {
      this.bytes = bytes;
    }
  }

  UsageCount(ImageStore store, Layout layout, Index index, Publisher publisher) {
    this.store = store;
    this.layout = layout;
    this.index = index;
    this.publisher = publisher;
    this.trees = new TreeStore(layout);
    this.layers = new LayerStore(layout);
  }

  StoreUsage all(Consumer<String> damaged) throws EngineException {
    try {
      return count(new Catalog(layout, index).rows(damaged));
    } catch (IOException e) {
      throw StoreFailures.of("measure the images", e);
    }
  }

  /** Without asking who shares what. */
  List<ImageSummary> summaries(Consumer<String> damaged) throws EngineException {
    try {
      Set<String> found = names(layout.trees());
      rendered = found == null ? Set.of() : found;
      List<ImageSummary> summaries = new ArrayList<>();
      for (CatalogRow.Head head : new Catalog(layout, index).heads(damaged)) {
        ImageSummary one = head.summary();
        boolean tree = one.kind() == ImageRecord.Kind.ACI && !rendered.isEmpty();
        String treeId = tree ? treeId(one.id(), head.treeId()) : "";
        summaries.add(rendered.contains(treeId) ? withTree(one, trees.size(treeId)) : one);
      }
      return summaries;
    } catch (IOException e) {
      throw StoreFailures.of("list images", e);
    }
  }

  private static ImageSummary withTree(ImageSummary image, long treeBytes) {
    return new ImageSummary(
        image.id(),
        image.kind(),
        image.name(),
        image.labels(),
        image.importTimeNanos(),
        image.lastUsedNanos(),
        image.latest(),
        image.blobBytes(),
        treeBytes);
  }

  private StoreUsage count(List<CatalogRow> rows) throws IOException {
    unpacked = names(layout.layers());
    Set<String> found = names(layout.trees());
    rendered = found == null ? Set.of() : found;
    List<List<Part>> owned = new ArrayList<>(rows.size());
    for (CatalogRow row : rows) {
      owned.add(parts(row));
    }
    List<ImageUsage> images = new ArrayList<>(rows.size());
    long total = 0;
    for (int i = 0; i < rows.size(); i++) {
      ImageRecord image = rows.get(i).record();
      long unique = 0;
      long shared = 0;
      for (Part part : owned.get(i)) {
        if (part.owners == 1) {
          unique += part.bytes;
        } else {
          shared += part.bytes;
        }
      }
      if (image.kind() == ImageRecord.Kind.ACI) {
        unique += image.size();
        total += image.size();
      }
      long all = unique + shared;
      images.add(new ImageUsage(image, image.size(), all - image.size(), unique, shared));
    }
    for (Part part : parts.values()) {
      total += part.bytes;
    }
    return new StoreUsage(images, total);
  }

  private @Nullable Set<String> names(java.nio.file.Path dir) throws OsException {
    try {
      return new HashSet<>(Listing.names(layout.kernel(), dir));
    } catch (OsException e) {
      if (e.is(Errno.EACCES)) {
        return null;
      }
      throw e;
    }
  }

  private List<Part> parts(CatalogRow row) throws IOException {
    List<Part> owned = new ArrayList<>();
    if (row.record().kind() == ImageRecord.Kind.ACI) {
      String treeId = rendered.isEmpty() ? "" : treeId(row.record().id(), row.treeId());
      if (rendered.contains(treeId)) {
        own(owned, treeId, trees.size(treeId));
      }
      return owned;
    }
    for (String blob : CatalogRow.split(row.blobs(), ' ')) {
      int equals = blob.indexOf('=');
      String digest = blob.substring(0, equals);
      long size = Long.parseLong(blob.substring(equals + 1));
      own(owned, digest, size >= 0 || parts.containsKey(digest) ? size : blobSize(digest));
    }
    Set<String> here = unpacked;
    for (String lower : CatalogRow.split(row.lowers(), ' ')) {
      int equals = lower.indexOf('=');
      String key = "layer " + lower.substring(0, equals);
      long size = Long.parseLong(lower.substring(equals + 1));
      if (!parts.containsKey(key)) {
        Digest diffId = Digest.parse(lower.substring(0, equals));
        boolean absent = here != null && !here.contains(Layout.layerName(diffId));
        size = absent ? 0 : size >= 0 ? size : layerSize(diffId);
      }
      own(owned, key, size);
    }
    return owned;
  }

  private void own(List<Part> owned, String key, long bytes) {
    Part part = parts.get(key);
    if (part == null) {
      part = new Part(bytes);
      parts.put(key, part);
    }
    part.owners++;
    owned.add(part);
  }

  private String treeId(ImageId id, String known) throws IOException {
    if (!known.isEmpty()) {
      return known;
    }
    Optional<IndexEntry> entry = index.get(id);
    return entry.isEmpty() ? "" : new Rootfs(store, layout, publisher).treeId(entry.get());
  }

  private long blobSize(String digest) throws IOException {
    try {
      String path = layout.ociBlob(Digest.parse(digest)).toString();
      return layout.kernel().fstatat(Consts.AT_FDCWD, path, Consts.AT_SYMLINK_NOFOLLOW).size();
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.EACCES)) {
        return 0;
      }
      throw e;
    }
  }

  private long layerSize(Digest diffId) throws IOException {
    try {
      Optional<LayerMeta> meta = layers.meta(diffId);
      return meta.isEmpty() ? 0 : meta.get().size();
    } catch (OsException e) {
      if (e.is(Errno.EACCES)) {
        return 0;
      }
      throw e;
    }
  }
}
