package rkt.schema.cni;

import java.util.Map;
import java.util.Optional;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonValue;
import rkt.schema.json.JsonWriter;

/**
 * One plugin of a network.
 *
 * @param type the name of its program
 * @param ipMasq whether it hides the pod's address behind the host's
 * @param document everything its author wrote
 */
public record PluginConfig(String type, boolean ipMasq, JsonObject document) {
  /** Marks in a network's name or a plugin's type would lead to other files. */
  static boolean isFileName(String text) {
    return !text.isEmpty()
        && !text.equals(".")
        && !text.equals("..")
        && text.indexOf('/') < 0
        && text.indexOf('\0') < 0;
  }

  static PluginConfig read(JsonObject document) {
    String type = document.string("type");
    if (!isFileName(type)) {
      throw document.fail("type", "must be the name of a plugin");
    }
    // The strict look at what rkt itself goes by; the rest is the plugin's business.
    document.optObject("dns");
    Optional<JsonObject> capabilities = document.optObject("capabilities");
    if (capabilities.isPresent()) {
      for (String each : capabilities.get().members().keySet()) {
        capabilities.get().bool(each, false);
      }
    }
    Optional<JsonObject> ipam = document.optObject("ipam");
    if (ipam.isPresent()) {
      ipam.get().string("type", "");
      ipam.get().string("dataDir", "");
    }
    return new PluginConfig(type, document.bool("ipMasq", false), document);
  }

  /** Whether the plugin wants to be told something at run time, such as {@code portMappings}. */
  public boolean wants(String capability) {
    Optional<JsonObject> capabilities = document.optObject("capabilities");
    return capabilities.isPresent() && capabilities.get().bool(capability, false);
  }

  /** The directory in which host-local keeps this network's addresses, if it is used. */
  public Optional<String> addressDirectory(String network) {
    Optional<JsonObject> ipam = document.optObject("ipam");
    if (ipam.isEmpty() || !ipam.get().string("type", "").equals("host-local")) {
      return Optional.empty();
    }
    return Optional.of(ipam.get().string("dataDir", "/var/lib/cni/networks") + "/" + network);
  }

  /**
   * What the plugin is given on standard input.
   *
   * @param runtime a JSON object of values for the capabilities it wants; empty for none
   * @param previous the result of the plugin before, as JSON; empty for none
   */
  public String input(String network, String version, String runtime, String previous) {
    JsonWriter json = JsonWriter.compact().beginObject();
    json.name("cniVersion").value(version).name("name").value(network);
    for (Map.Entry<String, JsonValue> member : document.members().entrySet()) {
      String name = member.getKey();
      if (!name.equals("cniVersion")
          && !name.equals("name")
          && !name.equals("cniVersions")
          && !name.equals("runtimeConfig")
          && !name.equals("prevResult")) {
        json.name(name).value(member.getValue());
      }
    }
    if (!runtime.isEmpty()) {
      json.name("runtimeConfig").raw(runtime);
    }
    if (!previous.isEmpty()) {
      json.name("prevResult").raw(previous);
    }
    return json.endObject().toString();
  }
}
