package rkt.cli.command;

import rkt.image.LocalNames;
import rkt.schema.appc.Label;
import rkt.schema.json.JsonWriter;
import rkt.schema.oci.OciConfig;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;
import rkt.store.StoredReference;

/** {@link ImageDetails} for programs. Times are nanoseconds since the epoch, sizes bytes. */
final class ImageDetailsJson {
  private ImageDetailsJson() {}

  static void write(JsonWriter json, ImageDetails details) {
    ImageRecord image = details.image();
    json.beginObject();
    json.name("id").value(image.id().toString());
    json.name("name").value(ImageRow.name(image));
    json.name("type").value(ImageColumns.type(image.kind()));
    if (image.manifestDigest().isPresent()) {
      json.name("digest").value(image.manifestDigest().get().toString());
    }
    json.name("labels").beginObject();
    for (Label label : image.labels()) {
      json.name(label.name()).value(label.value());
    }
    json.endObject();
    json.name("latest").value(image.latest());
    references(json, details);
    json.name("import_time").value(image.importTimeNanos());
    json.name("last_used_time").value(image.lastUsedNanos());
    json.name("size").value(details.usage().size());
    json.name("blob_size").value(details.usage().blobBytes());
    json.name("tree_size").value(details.usage().treeBytes());
    json.name("unique").value(details.usage().uniqueBytes());
    json.name("shared").value(details.usage().sharedBytes());
    json.name("verdict");
    image.verdict().write(json);
    json.name("verdicts").beginArray();
    for (Verdict verdict : image.verdicts()) {
      verdict.write(json);
    }
    json.endArray();
    json.name("signatures_kept").value(details.evidence());
    layers(json, details);
    if (details.config().isPresent()) {
      json.name("config");
      OciConfig config = details.config().get();
      config.write(json);
    }
    json.name("manifest");
    details.manifest().write(json);
    json.endObject();
  }

  private static void references(JsonWriter json, ImageDetails details) {
    json.name("references").beginArray();
    for (StoredReference each : details.references()) {
      json.beginObject();
      json.name("ref").value(LocalNames.shown(each.reference().ref()));
      json.name("time").value(each.timeNanos());
      json.endObject();
    }
    json.endArray();
  }

  private static void layers(JsonWriter json, ImageDetails details) {
    if (details.image().kind() != ImageRecord.Kind.OCI) {
      return;
    }
    json.name("layers").beginArray();
    for (ImageDetails.Layer layer : details.layers()) {
      json.beginObject();
      json.name("digest").value(layer.blob().digest().toString());
      json.name("diff_id").value(layer.diffId().toString());
      json.name("media_type").value(layer.blob().mediaType());
      json.name("size").value(layer.blob().size());
      json.name("shared_with").value(layer.sharedWith());
      json.endObject();
    }
    json.endArray();
  }
}
