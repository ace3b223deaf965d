package rkt.schema.cni;

import java.util.List;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/** The versions of the specification that rkt speaks, oldest first. */
public final class CniVersion {
  /** What a configuration without a version is. */
  public static final String OLDEST = "0.1.0";

  public static final List<String> KNOWN =
      List.of(OLDEST, "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");

  private CniVersion() {}

  /** Fails for a version that is not known. */
  static String check(String version) {
    if (!KNOWN.contains(version)) {
      throw new SchemaException(
          "cniVersion "
              + Texts.quote(version)
              + " is not supported, supported are "
              + String.join(", ", KNOWN));
    }
    return version;
  }

  /** Whether a known version is as new as another one. */
  public static boolean atLeast(String version, String other) {
    return KNOWN.indexOf(version) >= KNOWN.indexOf(other);
  }

  /** The newest known version, not newer than {@code most}, that is in every list. */
  public static Optional<String> common(String most, List<List<String>> supported) {
    for (int i = KNOWN.indexOf(most); i >= 0; i--) {
      boolean all = true;
      for (List<String> each : supported) {
        all &= each.contains(KNOWN.get(i));
      }
      if (all) {
        return Optional.of(KNOWN.get(i));
      }
    }
    return Optional.empty();
  }
}
