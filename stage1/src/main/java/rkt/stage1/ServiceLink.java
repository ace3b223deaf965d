package rkt.stage1;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What ties a pod to the service manager that started it.
 *
 * @param notifySocket where it hears that the pod is ready ({@code sd_notify(3)}): a path, or an
 *     abstract name after an {@code @}
 * @param watchdogMicros how often it wants to hear that the pod is alive, in microseconds
 * @param sockets those for each app that has any, by descriptor
 */
public record ServiceLink(
    Optional<String> notifySocket,
    Optional<String> watchdogMicros,
    Map<String, List<PassedSocket>> sockets) {
  public ServiceLink {
    sockets = Map.copyOf(sockets);
  }

  /** Those of an app, ascending by descriptor. */
  public List<PassedSocket> socketsOf(String app) {
    return sockets.getOrDefault(app, List.of());
  }

  /** Those that the supervisor must have. */
  public List<Integer> descriptors() {
    List<Integer> descriptors = new ArrayList<>();
    for (List<PassedSocket> passed : sockets.values()) {
      for (PassedSocket socket : passed) {
        descriptors.add(socket.fd());
      }
    }
    return descriptors;
  }
}
