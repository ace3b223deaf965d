package rkt.image.registry;

import java.time.Duration;

/**
 * Bounds on what a registry may cost us.
 *
 * @param connect until a connection (TLS included) stands
 * @param response from sending a request to its response headers
 * @param idle longest silence in the middle of a body, and the time in which {@code leastBytes} of
 *     it have to come
 * @param leastBytes a server that sends less while we wait for {@code idle} is as good as silent
 * @param attempts tries per request, the first included
 * @param backOff pause before the second try; doubles after each further one
 * @param parallelLayers layers downloaded and unpacked at the same time
 */
public record RegistryLimits(
    Duration connect,
    Duration response,
    Duration idle,
    long leastBytes,
    int attempts,
    Duration backOff,
    int parallelLayers) {
  /** 1000 bytes a second, what package managers give up at. */
  private static final long LEAST_BYTES = 60_000;

  public static final RegistryLimits DEFAULT =
      new RegistryLimits(
          Duration.ofSeconds(20),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          LEAST_BYTES,
          4,
          Duration.ofMillis(250),
          // Unpacking is kernel time, and one file system does not scale with threads: on two cores
          // four layers at a time were never faster than two and took up to twice as long.
          Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4));

  /** Largest token answer read. */
  static final int TOKEN_BYTES = 1 << 20;

  static final int REDIRECTS = 10;

  /** With the usual lower bound on the rate of a body. */
  public RegistryLimits(
      Duration connect,
      Duration response,
      Duration idle,
      int attempts,
      Duration backOff,
      int parallelLayers) {
    this(
        connect,
        response,
        idle,
        Math.max(1, LEAST_BYTES * idle.toMillis() / 60_000),
        attempts,
        backOff,
        parallelLayers);
  }

  public RegistryLimits {
    if (attempts < 1 || parallelLayers < 1) {
      throw new IllegalArgumentException("attempts and parallelLayers must be at least 1");
    }
  }
}
