package rkt.schema.oci;

import java.util.List;
import java.util.Optional;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/** What an image is built for, in Go's words. */
public record Platform(
    String os,
    String architecture,
    Optional<String> variant,
    Optional<String> osVersion,
    List<String> osFeatures) {
  public Platform {
    osFeatures = List.copyOf(osFeatures);
    variant = Fields.nonEmpty(variant);
    osVersion = Fields.nonEmpty(osVersion);
  }

  /** A platform without the fields that only Windows needs. */
  public Platform(String os, String architecture, Optional<String> variant) {
    this(os, architecture, variant, Optional.empty(), List.of());
  }

  static Platform read(JsonObject json) {
    return new Platform(
        json.string("os", ""),
        json.string("architecture", ""),
        json.optString("variant"),
        json.optString("os.version"),
        json.strings("os.features"));
  }

  void write(JsonWriter json) {
    json.beginObject();
    json.name("architecture").value(architecture).name("os").value(os);
    if (osVersion.isPresent()) {
      json.name("os.version").value(osVersion.get());
    }
    if (!osFeatures.isEmpty()) {
      json.name("os.features").strings(osFeatures);
    }
    if (variant.isPresent()) {
      json.name("variant").value(variant.get());
    }
    json.endObject();
  }

  /** {@code os/architecture[/variant]}. */
  @Override
  public String toString() {
    String text = os + "/" + architecture;
    return variant.isPresent() ? text + "/" + variant.get() : text;
  }
}
