package rkt.pod;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import rkt.net.PluginPath;
import rkt.pod.config.ConfigDirs;

/**
 * Where networks and their plugins are looked for.
 *
 * @param configurations directories with configurations of networks, least important first
 */
record NetworkPlaces(List<Path> configurations, PluginPath plugins) {
  NetworkPlaces {
    configurations = List.copyOf(configurations);
  }

  /**
   * @param configured directories of plugins that come before those of the host
   */
  static NetworkPlaces of(ConfigDirs dirs, List<Path> configured) {
    List<Path> configurations = new ArrayList<>(3);
    for (Path dir : dirs.inOrder()) {
      configurations.add(dir.resolve("net.d"));
    }
    List<Path> plugins = new ArrayList<>(PluginPath.OF_THE_HOST.size() + configured.size() + 1);
    plugins.add(dirs.local().resolve("net.d"));
    plugins.addAll(configured);
    plugins.addAll(PluginPath.OF_THE_HOST);
    return new NetworkPlaces(configurations, new PluginPath(plugins));
  }
}
