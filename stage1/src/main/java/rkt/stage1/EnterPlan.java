package rkt.stage1;

import java.nio.file.Path;
import java.util.List;

/**
 * How to run a command inside a running app with the app's own restrictions. To be carried out in
 * the pod's mount namespace; {@link #join} names the process whose namespace that is.
 *
 * @param files written before the exec, only readable by root; the command removes them
 * @param join path of the mount namespace to join first
 * @param argv the command that replaces this process
 * @param env its environment
 */
public record EnterPlan(List<PlannedFile> files, Path join, List<String> argv, List<String> env) {
  public EnterPlan {
    files = List.copyOf(files);
    argv = List.copyOf(argv);
    env = List.copyOf(env);
  }
}
