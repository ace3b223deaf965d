package rkt.schema.oci;

import java.util.Optional;
import rkt.schema.Texts;

/**
 * Chooses the manifest of an index that suits this machine.
 *
 * <p>Operating system and architecture must be equal. Variants are generations ({@code v7}): the
 * newest one the machine can run wins, of equals the first. A manifest without platform is taken
 * only when no other fits: single-platform tools leave it out.
 */
public final class PlatformMatcher {
  private static final int UNFIT = -1;
  private static final int FALLBACK = 0;
  // Above every generation: the exact variant.
  private static final int EXACT = 1000;

  private PlatformMatcher() {}

  public static Optional<Descriptor> select(OciIndex index, Platform host) {
    Descriptor best = null;
    int bestScore = UNFIT;
    for (Descriptor candidate : index.manifests()) {
      int score = score(candidate, host);
      if (score > bestScore) {
        best = candidate;
        bestScore = score;
      }
    }
    return Optional.ofNullable(best);
  }

  private static int score(Descriptor candidate, Platform host) {
    String type = candidate.mediaType();
    if (!MediaTypes.isManifest(type) && !MediaTypes.isIndex(type)) {
      return UNFIT;
    }
    if (candidate.platform().isEmpty()) {
      return FALLBACK;
    }
    Platform platform = candidate.platform().get();
    if (!platform.os().equals(host.os()) || !platform.architecture().equals(host.architecture())) {
      return UNFIT;
    }
    int wanted = generation(platform);
    int owned = generation(host);
    if (wanted < 0) {
      return platform.variant().equals(host.variant()) ? EXACT : UNFIT;
    }
    if (wanted == owned) {
      return EXACT;
    }
    return wanted < owned ? 1 + wanted : UNFIT;
  }

  /** The number of a variant; each architecture has one that goes without saying. */
  private static int generation(Platform platform) {
    String variant = platform.variant().orElse("");
    if (variant.isEmpty()) {
      return switch (platform.architecture()) {
        case "arm" -> 7;
        case "arm64" -> 8;
        default -> 1;
      };
    }
    String digits = variant.charAt(0) == 'v' ? variant.substring(1) : variant;
    return Texts.isDigits(digits) && digits.length() <= 2 ? Integer.parseInt(digits) : -1;
  }
}
