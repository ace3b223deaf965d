package rkt.image.registry;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What to ask a registry for.
 *
 * @param attempted what is being done, for messages
 * @param target absolute path on the registry, or a URL it sent us to
 * @param wholeAnswer bound on the whole answer, zero to bound only its silence
 * @param statuses what counts as an answer; anything else is a failure
 * @param once not repeated by the caller, since the request changes something
 */
record RegistryCall(
    String attempted,
    String method,
    String target,
    Map<String, String> headers,
    Transport.Content content,
    Duration wholeAnswer,
    Scope scope,
    Set<Integer> statuses,
    boolean once) {
  private static final Set<Integer> READ = Set.of(200, 206);

  /** A document: small, so its whole answer is bounded. */
  static RegistryCall document(
      String attempted, String path, String accept, RegistryLimits limits) {
    return new RegistryCall(
        attempted,
        "GET",
        path,
        accept.isEmpty() ? Map.of() : Map.of("Accept", accept),
        Transport.Content.NONE,
        limits.response().plus(limits.idle()),
        Scope.PULL,
        READ,
        false);
  }

  /**
   * A blob.
   *
   * @param from first byte wanted, 0 for the whole
   */
  static RegistryCall stream(String attempted, String path, long from) {
    return new RegistryCall(
        attempted,
        "GET",
        path,
        from > 0 ? Map.of("Range", "bytes=" + from + "-") : Map.of(),
        Transport.Content.NONE,
        Duration.ZERO,
        Scope.PULL,
        READ,
        false);
  }

  /** Something on the way of a push. */
  static RegistryCall push(
      String attempted, String method, String target, RegistryLimits limits, Integer... statuses) {
    return new RegistryCall(
        attempted,
        method,
        target,
        Map.of(),
        Transport.Content.NONE,
        limits.response().plus(limits.idle()),
        Scope.PUSH,
        Set.of(statuses),
        false);
  }

  boolean accepts(int status) {
    return statuses.contains(status);
  }

  RegistryCall header(String name, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(name, value);
    return new RegistryCall(
        attempted, method, target, more, content, wholeAnswer, scope, statuses, once);
  }

  /** With a body; how long sending it takes is bounded by the transport. */
  RegistryCall content(String mediaType, Transport.Content body) {
    return new RegistryCall(
            attempted, method, target, headers, body, Duration.ZERO, scope, statuses, once)
        .header("Content-Type", mediaType);
  }

  RegistryCall scope(Scope wanted) {
    return new RegistryCall(
        attempted, method, target, headers, content, wholeAnswer, wanted, statuses, once);
  }

  RegistryCall accepting(Integer... wanted) {
    return new RegistryCall(
        attempted, method, target, headers, content, wholeAnswer, scope, Set.of(wanted), once);
  }

  RegistryCall onlyOnce() {
    return new RegistryCall(
        attempted, method, target, headers, content, wholeAnswer, scope, statuses, true);
  }
}
