package rkt.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Label;
import rkt.schema.appc.Labels;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonValue;
import rkt.schema.json.JsonWriter;
import rkt.schema.oci.Digest;
import rkt.schema.trust.Verdict;

/**
 * An index record as it is on disk: all that {@code run} needs of a stored image, so that it hashes
 * nothing and looks into no layer.
 *
 * @param treeId the tree store id; "" when it has to be worked out (an ACI with dependencies)
 * @param lowers OCI: layer diff IDs of the overlay, the topmost first, without repeats and without
 *     those that an opaque root hides
 * @param lowerSizes OCI: uncompressed bytes of each of these; empty in records of before
 * @param blobs OCI: manifest, config and layer blobs
 * @param blobSizes OCI: bytes of each of these; empty in records of before
 * @param unpackedSize OCI: uncompressed bytes of all layers in the overlay
 */
record IndexEntry(
    ImageRecord record,
    String treeId,
    List<Digest> lowers,
    List<Long> lowerSizes,
    List<ImplicitDir> seeds,
    List<Digest> blobs,
    List<Long> blobSizes,
    long unpackedSize) {
  IndexEntry {
    lowers = List.copyOf(lowers);
    lowerSizes = List.copyOf(lowerSizes);
    seeds = List.copyOf(seeds);
    blobs = List.copyOf(blobs);
    blobSizes = List.copyOf(blobSizes);
  }

  String toJson() {
    JsonWriter json = JsonWriter.compact();
    json.beginObject();
    json.name("id").value(record.id().value());
    json.name("kind").value(record.kind() == ImageRecord.Kind.ACI ? "aci" : "oci");
    json.name("name").value(record.name().value());
    json.name("labels").beginArray();
    for (Label label : record.labels()) {
      json.beginObject();
      json.name("name").value(label.name());
      json.name("value").value(label.value());
      json.endObject();
    }
    json.endArray();
    json.name("importTime").value(record.importTimeNanos());
    json.name("size").value(record.size());
    json.name("latest").value(record.latest());
    if (record.manifestDigest().isPresent()) {
      json.name("manifestDigest").value(record.manifestDigest().get().toString());
    }
    digests(json, "diffIds", record.diffIds());
    json.name("verdict");
    record.verdict().write(json);
    json.name("verdicts").beginArray();
    for (Verdict verdict : record.verdicts()) {
      verdict.write(json);
    }
    json.endArray();
    json.name("unpackedSize").value(unpackedSize);
    json.name("treeId").value(treeId);
    digests(json, "lowers", lowers);
    sizes(json, "lowerSizes", lowerSizes);
    digests(json, "blobs", blobs);
    sizes(json, "blobSizes", blobSizes);
    json.name("seeds").beginArray();
    for (ImplicitDir seed : seeds) {
      json.beginObject();
      json.name("path").value(seed.path());
      json.name("mode").value(seed.mode());
      json.name("uid").value(seed.uid());
      json.name("gid").value(seed.gid());
      json.name("sec").value(seed.mtimeSec());
      json.name("nsec").value(seed.mtimeNsec());
      json.endObject();
    }
    json.endArray();
    json.endObject();
    return json.toString();
  }

  private static void digests(JsonWriter json, String name, List<Digest> digests) {
    json.name(name).beginArray();
    for (Digest digest : digests) {
      json.value(digest.toString());
    }
    json.endArray();
  }

  private static void sizes(JsonWriter json, String name, List<Long> sizes) {
    json.name(name).beginArray();
    for (long size : sizes) {
      json.value(Long.toString(size));
    }
    json.endArray();
  }

  private static List<Long> sizes(JsonObject json, String name) {
    List<Long> sizes = new ArrayList<>();
    for (String size : json.strings(name)) {
      try {
        sizes.add(Long.parseLong(size));
      } catch (NumberFormatException e) {
        throw new SchemaException("malformed size in \"" + name + "\"", e);
      }
    }
    return sizes;
  }

  static IndexEntry parse(byte[] bytes, String what, long lastUsedNanos) {
    JsonValue value = Json.parse(bytes, what);
    if (!(value instanceof JsonObject json)) {
      throw new SchemaException(what + " is not an object");
    }
    List<Label> labels = new ArrayList<>();
    for (JsonObject label : json.objects("labels")) {
      labels.add(new Label(label.string("name"), label.string("value")));
    }
    Optional<String> manifest = json.optString("manifestDigest");
    ImageRecord record =
        new ImageRecord(
            new ImageId(json.string("id")),
            json.string("kind").equals("aci") ? ImageRecord.Kind.ACI : ImageRecord.Kind.OCI,
            new AcIdentifier(json.string("name")),
            new Labels(labels),
            json.integer("importTime"),
            lastUsedNanos,
            json.integer("size"),
            json.bool("latest"),
            manifest.isPresent() ? Optional.of(Digest.parse(manifest.get())) : Optional.empty(),
            digests(json, "diffIds"),
            verdicts(json));
    List<ImplicitDir> seeds = new ArrayList<>();
    for (JsonObject seed : json.objects("seeds")) {
      seeds.add(
          new ImplicitDir(
              seedPath(seed.string("path")),
              seed.int32("mode"),
              (int) seed.integer("uid"),
              (int) seed.integer("gid"),
              seed.integer("sec"),
              seed.int32("nsec")));
    }
    return new IndexEntry(
        record,
        treeId(json.string("treeId")),
        digests(json, "lowers"),
        sizes(json, "lowerSizes"),
        seeds,
        digests(json, "blobs"),
        sizes(json, "blobSizes"),
        json.integer("unpackedSize"));
  }

  /**
   * Records of before an image could have several verdicts have one. Those of before there were any
   * have none, and do not say what an OCI image was fetched as: its appc name is not that.
   */
  private static List<Verdict> verdicts(JsonObject json) {
    List<Verdict> out = new ArrayList<>();
    for (JsonObject verdict : json.objects("verdicts")) {
      out.add(Verdict.read(verdict));
    }
    if (out.isEmpty()) {
      boolean aci = json.string("kind").equals("aci");
      out.add(
          json.has("verdict")
              ? Verdict.read(json.object("verdict"))
              : Verdict.unchecked(aci ? json.string("name") : "", json.integer("importTime")));
    }
    return out;
  }

  /** The same image, judged so. */
  IndexEntry withVerdicts(List<Verdict> verdicts) {
    return new IndexEntry(
        record.withVerdicts(verdicts),
        treeId,
        lowers,
        lowerSizes,
        seeds,
        blobs,
        blobSizes,
        unpackedSize);
  }

  /** Names a directory; members of group rkt may write records, but trees are root's. */
  private static String treeId(String id) {
    if (!id.isEmpty() && !TreeIds.isOne(id)) {
      throw new SchemaException("malformed tree store id");
    }
    return id;
  }

  /** Made by root in a pod's upper directory: it must stay in there. */
  private static String seedPath(String path) {
    if (path.startsWith("/") || ("/" + path + "/").contains("/../")) {
      throw new SchemaException("a directory outside of the root file system");
    }
    return path;
  }

  private static List<Digest> digests(JsonObject json, String name) {
    List<Digest> out = new ArrayList<>();
    for (String digest : json.strings(name)) {
      out.add(Digest.parse(digest));
    }
    return out;
  }
}
