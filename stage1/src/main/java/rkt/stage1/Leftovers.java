package rkt.stage1;

import java.nio.file.Path;
import java.util.List;

/**
 * What a pod leaves outside its directory when its supervisor could not clean up.
 *
 * @param cgroups cgroup directories, children before parents; each may be absent
 * @param states state directories of the runtime; each may be absent
 */
public record Leftovers(List<Path> cgroups, List<Path> states) {
  public Leftovers {
    cgroups = List.copyOf(cgroups);
    states = List.copyOf(states);
  }
}
