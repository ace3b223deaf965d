package rkt.stage1;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.PodUuid;

/**
 * A command to run inside a running app.
 *
 * @param uuid the pod
 * @param podDir its directory
 * @param app the app's name
 * @param command what to run; looked up in the app's root by the runtime, or by the supervisor's
 *     program when it is privileged
 * @param terminal whether the caller's standard input and output are a terminal, so that the
 *     command gets one of its own
 * @param term the caller's TERM; empty means {@code vt100}
 * @param as as whom and where
 */
public record EnterRequest(
    PodUuid uuid,
    Path podDir,
    String app,
    List<String> command,
    boolean terminal,
    String term,
    As as) {
  /**
   * As whom and where a command runs.
   *
   * @param user name, number or path of a file in the app; empty means root
   * @param group likewise; empty means the group of the user, or root's
   * @param environment on top of the app's
   * @param workingDirectory absolute, in the app
   * @param privileged without the app's restrictions: all capabilities, no system call filter, no
   *     labels; namespaces (the user namespace, too) and cgroup remain the app's
   */
  public record As(
      Optional<String> user,
      Optional<String> group,
      List<EnvVar> environment,
      String workingDirectory,
      boolean privileged) {
    /** Root at the root, as the ancestor has it. */
    public static final As ROOT = new As(Optional.empty(), Optional.empty(), List.of(), "/", false);

    public As {
      environment = List.copyOf(environment);
    }
  }

  public EnterRequest {
    command = List.copyOf(command);
    if (command.isEmpty()) {
      throw new IllegalArgumentException("enter needs a command");
    }
  }
}
