package rkt.stage1;

import java.nio.file.Path;
import java.util.List;

/**
 * How to run a command inside a running app with the app's own restrictions. To be carried out in
 * the pod's mount namespace; {@link #join} names the process whose namespace that is.
 *
 * @param process the OCI process document, written before the exec and only readable by root
 * @param join path of the mount namespace to join first
 * @param argv the command that replaces this process
 * @param env its environment
 */
public record EnterPlan(PlannedFile process, Path join, List<String> argv, List<String> env) {
  public EnterPlan {
    argv = List.copyOf(argv);
    env = List.copyOf(env);
  }
}
