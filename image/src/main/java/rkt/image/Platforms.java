package rkt.image;

import java.util.List;
import java.util.Optional;
import rkt.schema.oci.Platform;

/** This machine's platform in the words of OCI, which are Go's. */
public final class Platforms {
  private Platforms() {}

  /** The machine we run on, never a guess: an unknown name is passed on. */
  public static Platform host() {
    return switch (System.getProperty("os.arch", "")) {
      case "amd64", "x86_64" -> linux("amd64", "");
      case "x86", "i386", "i586", "i686" -> linux("386", "");
      case "aarch64" -> linux("arm64", "v8");
      case "arm" -> linux("arm", "v7");
      case "ppc64le" -> linux("ppc64le", "");
      case "s390x" -> linux("s390x", "");
      case "riscv64" -> linux("riscv64", "");
      default -> linux(System.getProperty("os.arch", "unknown"), "");
    };
  }

  private static Platform linux(String architecture, String variant) {
    return new Platform(
        "linux",
        architecture,
        variant.isEmpty() ? Optional.empty() : Optional.of(variant),
        Optional.empty(),
        List.of());
  }
}
