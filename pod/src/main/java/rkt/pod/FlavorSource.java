package rkt.pod;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.stage1.Stage1;

/** Opens the stage1 flavor that runs pods here. */
@FunctionalInterface
interface FlavorSource {
  /**
   * A flavor on this host.
   *
   * @param hidesUnifiedCgroups the empty v2 tree of a hybrid host must be unmounted for it to work
   * @param leaves our own cgroup when the pod's is made in it, so that it must be left first
   */
  record Flavor(Stage1 stage1, boolean hidesUnifiedCgroups, Optional<String> leaves) {}

  /**
   * The flavor to use here.
   *
   * @param supervisor the path by which the supervisor will be executed
   * @param cgroupParent where the pod's cgroup is wanted
   */
  Flavor open(Path supervisor, Optional<String> cgroupParent) throws EngineException, IOException;
}
