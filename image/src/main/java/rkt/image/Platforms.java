package rkt.image;

import java.util.List;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.Texts;
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

  /**
   * Reads {@code OS/ARCHITECTURE[/VARIANT]}; a lone architecture is one of Linux.
   *
   * @throws EngineException USAGE
   */
  public static Platform parse(String text) throws EngineException {
    String[] parts = text.split("/", -1);
    boolean words = parts.length <= 3;
    for (String part : parts) {
      words &= !part.isEmpty() && part.length() <= 32;
      for (int i = 0; i < part.length(); i++) {
        char c = part.charAt(i);
        words &= Texts.isLowerAlnum(c) || c == '_' || c == '-' || c == '.';
      }
    }
    if (!words) {
      throw EngineException.of(
          ErrorCode.USAGE,
          "read platform " + Texts.quote(text),
          "expected OS/ARCHITECTURE[/VARIANT]",
          "for example linux/arm64 or linux/arm/v7");
    }
    if (parts.length == 1) {
      return new Platform("linux", parts[0], Optional.empty());
    }
    return new Platform(
        parts[0], parts[1], parts.length == 3 ? Optional.of(parts[2]) : Optional.empty());
  }

  /** Whether a platform is this machine's, variants that go without saying included. */
  public static boolean isHost(Platform platform) {
    Platform host = host();
    return platform.os().equals(host.os())
        && platform.architecture().equals(host.architecture())
        && (platform.variant().isEmpty() || platform.variant().equals(host.variant()));
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
