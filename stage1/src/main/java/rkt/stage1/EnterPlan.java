package rkt.stage1;

import java.nio.file.Path;
import java.util.List;

/**
 * How to run a command inside a running app, with the app's own restrictions unless the request
 * asks for none. To be carried out in the pod's mount namespace: the files are written before it is
 * joined, then {@code argv} replaces this process and starts the command.
 *
 * @param files only readable by root; the program of {@code argv} removes them
 * @param join path of the pod's mount namespace, that of its supervisor
 * @param argv the supervisor's program with its launch file
 * @param env the environment of that program, not of the command
 */
public record EnterPlan(List<PlannedFile> files, Path join, List<String> argv, List<String> env) {
  public EnterPlan {
    files = List.copyOf(files);
    argv = List.copyOf(argv);
    env = List.copyOf(env);
  }
}
