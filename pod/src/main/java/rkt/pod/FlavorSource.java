package rkt.pod;

import java.io.IOException;
import java.nio.file.Path;
import rkt.schema.EngineException;
import rkt.stage1.Stage1;

/** Opens the stage1 flavor that runs pods here. */
@FunctionalInterface
interface FlavorSource {
  /**
   * A flavor on this host.
   *
   * @param hidesUnifiedCgroups the empty v2 tree of a hybrid host must be unmounted for it to work
   * @param makesRoom the pod's cgroups are made in our own one, which must be left first
   */
  record Flavor(Stage1 stage1, boolean hidesUnifiedCgroups, boolean makesRoom) {}

  /**
   * The flavor to use here.
   *
   * @param supervisor the path by which the supervisor will be executed
   */
  Flavor open(Path supervisor) throws EngineException, IOException;
}
