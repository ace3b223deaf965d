package rkt.cli.command;

import java.util.Comparator;
import java.util.List;
import rkt.cli.render.LocalZone;
import rkt.cli.render.Sizes;
import rkt.cli.render.Times;
import rkt.schema.json.JsonWriter;
import rkt.schema.oci.Digest;
import rkt.store.ImageRecord;
import rkt.store.ImageSummary;

/** The columns of {@code rkt image list}: their headings, cells, order and JSON. */
final class ImageColumns {
  /** The ancestor's, and what is shown without {@code --fields}. */
  static final String DEFAULT = "id,name,size,importtime,lastused";

  static final String ALL = DEFAULT + ",latest,type,digest,unique,shared,verdict,refs";

  static final String SORTABLE = "name,importtime,lastused,size,unique,shared";

  private final boolean full;
  private final long now;
  private final LocalZone zone;

  ImageColumns(boolean full) {
    this.full = full;
    this.now = System.currentTimeMillis() / 1000;
    this.zone = full ? LocalZone.system() : LocalZone.UTC;
  }

  static String header(String field) {
    return switch (field) {
      case "id" -> "ID";
      case "name" -> "NAME";
      case "size" -> "SIZE";
      case "importtime" -> "IMPORT TIME";
      case "lastused" -> "LAST USED";
      case "latest" -> "LATEST";
      case "type" -> "TYPE";
      case "digest" -> "DIGEST";
      case "unique" -> "UNIQUE";
      case "shared" -> "SHARED";
      case "verdict" -> "VERDICT";
      default -> "REFERENCES";
    };
  }

  String cell(ImageRow row, String field) {
    ImageSummary image = row.summary();
    return switch (field) {
      case "id" -> full ? image.id().toString() : image.id().shortForm();
      case "name" -> row.name();
      case "size" -> size(image.size());
      case "importtime" -> time(image.importTimeNanos());
      case "lastused" -> time(image.lastUsedNanos());
      case "latest" -> Boolean.toString(image.latest());
      case "type" -> type(image.kind());
      case "digest" -> digest(row.usage().image());
      case "unique" -> size(row.usage().uniqueBytes());
      case "shared" -> size(row.usage().sharedBytes());
      case "verdict" -> row.usage().image().verdict().kind().word();
      default -> row.refs().isEmpty() ? "-" : String.join(",", row.refs());
    };
  }

  private String size(long bytes) {
    return full ? Long.toString(bytes) : Sizes.iec(bytes);
  }

  private String time(long nanos) {
    return full
        ? Times.full(nanos, zone)
        : Times.relative(Math.floorDiv(nanos, 1_000_000_000L), now);
  }

  /** Whether a field shows more than a summary knows. */
  static boolean needUsage(List<String> fields) {
    return fields.contains("digest")
        || fields.contains("unique")
        || fields.contains("shared")
        || fields.contains("verdict");
  }

  static String type(ImageRecord.Kind kind) {
    return kind == ImageRecord.Kind.ACI ? "aci" : "oci";
  }

  private static String digest(ImageRecord image) {
    return image.manifestDigest().map(Digest::toString).orElse("-");
  }

  static Comparator<ImageRow> order(String field) {
    return switch (field) {
      case "name" -> (a, b) -> a.name().compareTo(b.name());
      case "size" -> (a, b) -> Long.compare(a.summary().size(), b.summary().size());
      case "unique" -> (a, b) -> Long.compare(a.usage().uniqueBytes(), b.usage().uniqueBytes());
      case "shared" -> (a, b) -> Long.compare(a.usage().sharedBytes(), b.usage().sharedBytes());
      case "lastused" ->
          (a, b) -> Long.compare(a.summary().lastUsedNanos(), b.summary().lastUsedNanos());
      default ->
          (a, b) -> Long.compare(a.summary().importTimeNanos(), b.summary().importTimeNanos());
    };
  }

  /** The ancestor's five members always; the others when their fields were asked for. */
  static void json(JsonWriter json, ImageRow row, List<String> fields) {
    ImageSummary image = row.summary();
    json.beginObject();
    json.name("id").value(image.id().toString());
    json.name("name").value(row.name());
    json.name("import_time").value(image.importTimeNanos());
    json.name("last_used_time").value(image.lastUsedNanos());
    json.name("size").value(image.size());
    for (String field : fields) {
      switch (field) {
        case "latest" -> json.name("latest").value(image.latest());
        case "type" -> json.name("type").value(type(image.kind()));
        case "digest" -> {
          if (row.usage().image().manifestDigest().isPresent()) {
            json.name("digest").value(digest(row.usage().image()));
          }
        }
        case "unique" -> json.name("unique").value(row.usage().uniqueBytes());
        case "shared" -> json.name("shared").value(row.usage().sharedBytes());
        case "verdict" -> {
          json.name("verdict");
          row.usage().image().verdict().write(json);
        }
        case "refs" -> json.name("refs").strings(row.refs());
        default -> {}
      }
    }
    json.endObject();
  }
}
