package rkt.image.registry;

import java.time.Duration;

/**
 * Bounds on what a registry may cost us.
 *
 * @param connect until a connection (TLS included) stands
 * @param response from sending a request to its response headers
 * @param idle longest silence in the middle of a body
 * @param attempts tries per request, the first included
 * @param backOff pause before the second try; doubles after each further one
 * @param parallelLayers layers downloaded and unpacked at the same time
 */
public record RegistryLimits(
    Duration connect,
    Duration response,
    Duration idle,
    int attempts,
    Duration backOff,
    int parallelLayers) {
  public static final RegistryLimits DEFAULT =
      new RegistryLimits(
          Duration.ofSeconds(20),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          4,
          Duration.ofMillis(250),
          // Unpacking is kernel time, and one file system does not scale with threads: on two cores
          // four layers at a time were never faster than two and took up to twice as long.
          Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4));

  /** Largest token answer read. */
  static final int TOKEN_BYTES = 1 << 20;

  static final int REDIRECTS = 10;

  public RegistryLimits {
    if (attempts < 1 || parallelLayers < 1) {
      throw new IllegalArgumentException("attempts and parallelLayers must be at least 1");
    }
  }
}
