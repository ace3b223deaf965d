package rkt.stage1;

import java.nio.file.Path;
import java.util.List;
import rkt.schema.appc.PodUuid;

/**
 * A command to run inside a running app.
 *
 * @param uuid the pod
 * @param podDir its directory
 * @param app the app's name
 * @param command what to run; looked up in the app's PATH by the runtime
 * @param terminal whether the caller's stdio is a terminal, so that the command gets one
 * @param term the caller's TERM; empty means {@code vt100}
 */
public record EnterRequest(
    PodUuid uuid, Path podDir, String app, List<String> command, boolean terminal, String term) {
  public EnterRequest {
    command = List.copyOf(command);
    if (command.isEmpty()) {
      throw new IllegalArgumentException("enter needs a command");
    }
  }
}
