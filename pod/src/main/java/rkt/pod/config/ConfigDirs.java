package rkt.pod.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The configuration directories, least important first. */
public record ConfigDirs(Path system, Path local, Optional<Path> user) {

  /** {@code /usr/lib/rkt} and {@code /etc/rkt}. */
  public static final ConfigDirs DEFAULT =
      new ConfigDirs(Path.of("/usr/lib/rkt"), Path.of("/etc/rkt"), Optional.empty());

  /** In the order in which they are read: what a later one says wins. */
  public List<Path> inOrder() {
    List<Path> dirs = new ArrayList<>(3);
    dirs.add(system);
    dirs.add(local);
    user.ifPresent(dirs::add);
    return dirs;
  }
}
