package rkt.schema.cni;

import java.util.ArrayList;
import java.util.List;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;

/**
 * A network: one plugin ({@code .conf}) or several in a row ({@code .conflist}).
 *
 * @param version of the specification
 * @param versions all that its author allows, when he named several (1.1.0); else just that one
 * @param single whether the document is the plugin's own configuration, which it is given as it is
 * @param disableCheck whether CHECK would say nothing of worth
 * @param disableGc whether another program owns the network's resources
 */
public record NetworkConfig(
    String name,
    String version,
    List<String> versions,
    boolean single,
    List<PluginConfig> plugins,
    boolean disableCheck,
    boolean disableGc) {

  public NetworkConfig {
    versions = List.copyOf(versions);
    plugins = List.copyOf(plugins);
  }

  /** Reads a {@code .conf} file. */
  public static NetworkConfig parse(byte[] text, String what) {
    JsonObject json = Json.parseObject(text, what);
    try {
      if (json.has("plugins")) {
        throw json.fail("plugins", "belongs into a file that ends in .conflist");
      }
      PluginConfig plugin = PluginConfig.read(json);
      return read(json, true, List.of(plugin));
    } catch (SchemaException e) {
      throw named(e, what);
    }
  }

  /** Reads a {@code .conflist} file. */
  public static NetworkConfig parseList(byte[] text, String what) {
    JsonObject json = Json.parseObject(text, what);
    try {
      List<PluginConfig> plugins = new ArrayList<>();
      for (JsonObject each : json.array("plugins").objects()) {
        plugins.add(PluginConfig.read(each));
      }
      if (plugins.isEmpty()) {
        throw json.fail("plugins", "must name at least one plugin");
      }
      return read(json, false, plugins);
    } catch (SchemaException e) {
      throw named(e, what);
    }
  }

  private static NetworkConfig read(JsonObject json, boolean single, List<PluginConfig> plugins) {
    String name = json.string("name");
    if (!PluginConfig.isFileName(name)) {
      throw json.fail("name", "must not be empty and not contain \"/\"");
    }
    String version = json.string("cniVersion", CniVersion.OLDEST);
    List<String> versions = new ArrayList<>();
    try {
      if (version.isEmpty()) {
        version = CniVersion.OLDEST;
      }
      // A newer author may list versions that we do not know beside those that we do.
      for (String each : json.strings("cniVersions")) {
        if (CniVersion.KNOWN.contains(each)) {
          versions.add(each);
        }
      }
      if (versions.isEmpty()) {
        versions.add(CniVersion.check(version));
      } else if (!CniVersion.KNOWN.contains(version)) {
        version = newest(versions);
      }
    } catch (SchemaException e) {
      throw json.locate("cniVersion", e);
    }
    return new NetworkConfig(
        name,
        version,
        versions,
        single,
        plugins,
        json.has("disableCheck") && json.bool("disableCheck"),
        json.has("disableGC") && json.bool("disableGC"));
  }

  private static String newest(List<String> versions) {
    String newest = CniVersion.OLDEST;
    for (String each : versions) {
      if (CniVersion.atLeast(each, newest)) {
        newest = each;
      }
    }
    return newest;
  }

  private static SchemaException named(SchemaException e, String what) {
    String message = String.valueOf(e.getMessage());
    return message.startsWith(what) ? e : new SchemaException(what + ": " + message, e);
  }

  /** Whether any of its plugins hides pods behind the host's address. */
  public boolean ipMasq() {
    for (PluginConfig plugin : plugins) {
      if (plugin.ipMasq()) {
        return true;
      }
    }
    return false;
  }

  /** Whether any of its plugins wants to be told this at run time. */
  public boolean wants(String capability) {
    for (PluginConfig plugin : plugins) {
      if (plugin.wants(capability)) {
        return true;
      }
    }
    return false;
  }

  /** The same network with one more plugin at its end. */
  public NetworkConfig with(PluginConfig plugin) {
    List<PluginConfig> more = new ArrayList<>(plugins);
    more.add(plugin);
    return new NetworkConfig(name, version, versions, false, more, disableCheck, disableGc);
  }

  /** The same network in another version. */
  public NetworkConfig in(String other) {
    return new NetworkConfig(name, other, List.of(other), false, plugins, disableCheck, disableGc);
  }
}
