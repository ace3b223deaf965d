package rkt.schema.cni;

import java.util.List;
import rkt.schema.json.JsonWriter;

/** What a plugin gets with the verb GC: everything that is still in use. */
public final class GcInput {
  private GcInput() {}

  /** One container's interface. */
  public record Attachment(String containerId, String ifName) {}

  /** The plugin's configuration with the list of valid attachments (1.1.0). */
  public static String of(
      PluginConfig plugin, String network, String version, List<Attachment> valid) {
    JsonWriter json = JsonWriter.compact().beginArray();
    for (Attachment each : valid) {
      json.beginObject().name("containerID").value(each.containerId());
      json.name("ifname").value(each.ifName()).endObject();
    }
    String list = json.endArray().toString();
    String input = plugin.input(network, version, "", "");
    return input.substring(0, input.length() - 1) + ",\"cni.dev/valid-attachments\":" + list + "}";
  }
}
