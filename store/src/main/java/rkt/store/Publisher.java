package rkt.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import rkt.os.AtomicFiles;
import rkt.os.SmallFiles;
import rkt.schema.ImageId;
import rkt.schema.appc.ImageManifest;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;

/**
 * The last steps of an import, under the shared sweep lock: the appc manifest, then the index
 * record, then the references. Content is in place and flushed before.
 */
final class Publisher {
  /**
   * In a tree's directory: the diff IDs of the layers it stands on, one per line, topmost first.
   */
  static final String LAYERS = "layers";

  private static final int MAX_MANIFEST_BYTES = 4 << 20;

  /** More images of one name are not looked through for a guess. */
  private static final int FEW = 16;

  private static final long NANOS = 1_000_000_000L;

  private final Layout layout;
  private final Index index;
  private final References references;
  private final NameIndex names;
  private final Catalog catalog;

  Publisher(Layout layout, Index index, References references) {
    this.layout = layout;
    this.index = index;
    this.references = references;
    this.names = new NameIndex(layout, index);
    this.catalog = new Catalog(layout, index);
  }

  /** Before an import begins: a store of before gets what it lacks. */
  void prepare() throws IOException {
    layout.prepare();
    StoreVersion.write(layout);
    names.complete();
  }

  static Descriptor descriptor(String mediaType, Digest digest, long size) {
    return new Descriptor(mediaType, digest, size, Optional.empty(), Map.of(), List.of());
  }

  ImageRecord aci(ImageId id, ImageManifest manifest, long size, ImportOptions options)
      throws IOException {
    long now = now();
    ImageRecord record =
        new ImageRecord(
            id,
            ImageRecord.Kind.ACI,
            manifest.name(),
            manifest.labels(),
            now,
            now,
            size,
            options.latest(),
            Optional.empty(),
            List.of(),
            options.verdict());
    String treeId = manifest.dependencies().isEmpty() ? TreeIds.of(List.of(id.value())) : "";
    IndexEntry entry =
        new IndexEntry(record, treeId, List.of(), List.of(), List.of(), List.of(), List.of(), 0);
    return publish(entry, manifest, options.refs());
  }

  ImageRecord oci(
      OciCommit commit,
      ImageId id,
      Digest digest,
      List<Digest> diffIds,
      List<LayerStack.Layer> layers,
      SequencedMap<Digest, Long> blobs)
      throws IOException {
    long size = 0;
    for (long bytes : blobs.values()) {
      size += bytes;
    }
    LayerStack stack = LayerStack.of(layout.kernel(), layers);
    List<Digest> lowers = stack.lowers();
    long now = now();
    ImageRecord record =
        new ImageRecord(
            id,
            ImageRecord.Kind.OCI,
            commit.appc().name(),
            commit.appc().labels(),
            now,
            now,
            size,
            commit.latest(),
            Optional.of(digest),
            diffIds,
            commit.verdict());
    IndexEntry entry =
        new IndexEntry(
            record,
            TreeIds.of(lowers),
            lowers,
            stack.sizes(),
            stack.seeds(),
            List.copyOf(blobs.sequencedKeySet()),
            List.copyOf(blobs.sequencedValues()),
            stack.unpackedSize());
    recordTree(entry);
    return publish(entry, commit.appc(), commit.refs());
  }

  /** So that gc knows a running pod's layers after its image was removed. */
  void recordTree(IndexEntry entry) throws IOException {
    Path tree = layout.tree(entry.treeId());
    Path file = tree.resolve(LAYERS);
    if (layout.exists(file)) {
      return;
    }
    layout.make(tree, 0700);
    StringBuilder text = new StringBuilder();
    for (Digest diffId : entry.lowers()) {
      text.append(diffId).append('\n');
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    AtomicFiles.writeAtomically(layout.kernel(), file, bytes, Layout.FILE_MODE);
  }

  /** Stored ACIs that have this very manifest; none when it would take long to tell. */
  List<ImageId> withManifest(ImageManifest manifest) throws IOException {
    List<ImageId> found = new ArrayList<>();
    List<ImageId> candidates = names.candidates(manifest.name()).orElse(List.of());
    if (candidates.size() > FEW) {
      return found;
    }
    byte[] json = manifest.toJson().getBytes(StandardCharsets.UTF_8);
    for (ImageId id : candidates) {
      if (id.algorithm().equals("sha512")
          && layout.exists(layout.manifest(id))
          && Arrays.equals(
              json,
              SmallFiles.read(
                  layout.kernel(), layout.manifest(id).toString(), MAX_MANIFEST_BYTES))) {
        found.add(id);
      }
    }
    return found;
  }

  /** One at a time for an image: else two imports of it would each know only their own verdict. */
  private ImageRecord publish(IndexEntry fresh, ImageManifest manifest, List<Reference> refs)
      throws IOException {
    try (RecordLock alone = new RecordLock(layout, fresh.record().id())) {
      return publishAlone(withEarlierVerdicts(fresh), manifest, refs);
    }
  }

  private ImageRecord publishAlone(IndexEntry entry, ImageManifest manifest, List<Reference> refs)
      throws IOException {
    ImageId id = entry.record().id();
    writeManifest(id, manifest);
    names.add(entry.record().name(), id);
    index.put(entry);
    catalog.add(entry);
    for (Reference ref : refs) {
      references.put(ref, id, entry.record().importTimeNanos());
    }
    return entry.record();
  }

  /**
   * What was found out under another name stays: the same image may have come from several places,
   * and what one of them vouches for says nothing about the others.
   */
  private IndexEntry withEarlierVerdicts(IndexEntry fresh) {
    try {
      Optional<IndexEntry> stored = index.get(fresh.record().id());
      return stored.isEmpty()
          ? fresh
          : fresh.withVerdicts(
              Verdicts.merge(fresh.record().verdict(), stored.get().record().verdicts()));
    } catch (IOException e) {
      // A damaged record is about to be replaced.
      return fresh;
    }
  }

  void writeManifest(ImageId id, ImageManifest manifest) throws IOException {
    Path file = layout.manifest(id);
    layout.prepareParent(file);
    byte[] json = manifest.toJson().getBytes(StandardCharsets.UTF_8);
    AtomicFiles.writeAtomically(layout.kernel(), file, json, Layout.FILE_MODE);
  }

  static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * NANOS + now.getNano();
  }
}
