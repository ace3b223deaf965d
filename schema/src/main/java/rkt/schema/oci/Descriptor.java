package rkt.schema.oci;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/**
 * A reference to content: what it is, its digest and its exact size in bytes.
 *
 * @param platform what the content runs on; only in indexes
 * @param urls other places that have the content; rkt does not follow them by itself
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    Optional<Platform> platform,
    Map<String, String> annotations,
    List<String> urls) {
  public Descriptor {
    if (size < 0) {
      throw new SchemaException("size of " + digest + " must not be negative: " + size);
    }
    annotations = Fields.sorted(annotations);
    urls = List.copyOf(urls);
  }

  /** A descriptor without the optional parts. */
  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, Optional.empty(), Map.of(), List.of());
  }

  static Descriptor read(JsonObject json) {
    String mediaType = json.string("mediaType");
    String digest = json.string("digest");
    long size = json.integer("size");
    Optional<JsonObject> platform = json.optObject("platform");
    Map<String, String> annotations = json.stringMap("annotations");
    List<String> urls = json.strings("urls");
    try {
      return new Descriptor(
          mediaType,
          Digest.parse(digest),
          size,
          platform.isPresent() ? Optional.of(Platform.read(platform.get())) : Optional.empty(),
          annotations,
          urls);
    } catch (SchemaException e) {
      throw json.locate(e);
    }
  }

  void write(JsonWriter json) {
    json.beginObject().name("mediaType").value(mediaType);
    json.name("digest").value(digest.toString()).name("size").value(size);
    if (!urls.isEmpty()) {
      json.name("urls").strings(urls);
    }
    if (!annotations.isEmpty()) {
      json.name("annotations").stringMap(annotations);
    }
    if (platform.isPresent()) {
      json.name("platform");
      platform.get().write(json);
    }
    json.endObject();
  }
}
