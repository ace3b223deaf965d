package rkt.stage1;

import java.util.List;
import rkt.schema.EngineException;
import rkt.schema.appc.PodUuid;

/** A way of isolating pods. Implementations hold no state about any pod. */
public interface Stage1 {
  /** The flavor's name, recorded in the pod directory: {@code oci}. */
  String flavor();

  /**
   * What to write and execute so that the pod runs. Called when the apps' roots are in place.
   *
   * @throws EngineException when an app cannot run as specified: no command, no such user, a
   *     missing binary or loader, an impossible restriction
   */
  LaunchPlan plan(PodSpec spec) throws EngineException;

  /** How to run a command in a running app, under the app's restrictions. */
  EnterPlan enter(EnterRequest request) throws EngineException;

  /** What a pod of this flavor leaves outside its directory when it is killed. */
  Leftovers leftovers(PodUuid uuid, List<String> apps);
}
