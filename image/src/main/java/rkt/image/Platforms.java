package rkt.image;

import java.util.List;
import java.util.Optional;
import rkt.schema.oci.Platform;

/** This machine's platform in the words of OCI (Go's) and of appc. */
public final class Platforms {
  private Platforms() {}

  /** The machine we run on, as OCI names it. */
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

  /** This machine's {@code arch} label. */
  public static String hostArch() {
    Platform host = host();
    return arch(host.architecture(), host.variant());
  }

  /** An OCI architecture as an appc {@code arch} label; names appc does not know stay as they are. */
  static String arch(String architecture, Optional<String> variant) {
    return switch (architecture) {
      case "386" -> "i386";
      case "arm64" -> "aarch64";
      case "arm" -> variant.orElse("v7").equals("v6") ? "armv6l" : "armv7l";
      default -> architecture;
    };
  }
}
