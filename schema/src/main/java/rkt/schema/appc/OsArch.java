package rkt.schema.appc;

import java.util.List;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * The operating systems and architectures of appc labels, and how Go and Java spell them. OCI
 * images use Go's names.
 */
public final class OsArch {
  private static final List<String> LINUX =
      List.of(
          "amd64",
          "i386",
          "aarch64",
          "aarch64_be",
          "armv6l",
          "armv7l",
          "armv7b",
          "ppc64",
          "ppc64le",
          "s390x");
  private static final List<String> FREEBSD = List.of("amd64", "i386", "arm");
  private static final List<String> DARWIN = List.of("x86_64", "i386");
  private static final List<String> RUNNABLE =
      List.of("amd64", "i386", "aarch64", "aarch64_be", "armv6l", "armv7l", "armv7b", "ppc64le");

  private OsArch() {}

  /**
   * Checks the labels {@code os} and {@code arch} of an image against the specification's table. An
   * absent label passes, and so does an {@code arch} without {@code os}.
   */
  public static void check(Labels labels) {
    Optional<String> os = labels.get(Label.OS);
    if (os.isEmpty()) {
      return;
    }
    switch (os.get()) {
      case "linux" -> checkArch(labels, "linux", LINUX);
      case "freebsd" -> checkArch(labels, "freebsd", FREEBSD);
      case "darwin" -> checkArch(labels, "darwin", DARWIN);
      default -> throw badOs(os.get(), List.of("darwin", "freebsd", "linux"));
    }
  }

  /**
   * Checks that rkt can run an image with these labels: both present, and of a Linux kind it knows.
   */
  public static void checkRunnable(Labels labels) {
    Optional<String> os = labels.get(Label.OS);
    if (os.isEmpty()) {
      throw new SchemaException("missing os label in the image manifest");
    }
    if (labels.get(Label.ARCH).isEmpty()) {
      throw new SchemaException("missing arch label in the image manifest");
    }
    if (!os.get().equals("linux")) {
      throw badOs(os.get(), List.of("linux"));
    }
    checkArch(labels, "linux", RUNNABLE);
  }

  /**
   * The appc name of an architecture that Go calls {@code goArch} (with OCI's {@code variant},
   * which may be empty); empty when appc has none.
   */
  public static Optional<String> fromGo(String goArch, String variant) {
    return switch (goArch) {
      case "amd64", "ppc64", "ppc64le", "s390x" -> Optional.of(goArch);
      case "386" -> Optional.of("i386");
      case "arm64" -> Optional.of("aarch64");
      case "arm" ->
          switch (variant) {
            case "v6", "6" -> Optional.of("armv6l");
            case "v7", "7", "v8", "8", "" -> Optional.of("armv7l");
            default -> Optional.empty();
          };
      default -> Optional.empty();
    };
  }

  /** The appc name of this machine's architecture. */
  public static String host() {
    return fromJava(System.getProperty("os.arch", ""));
  }

  static String fromJava(String arch) {
    return switch (arch) {
      case "x86_64" -> "amd64";
      case "x86", "i486", "i586", "i686" -> "i386";
      case "arm64" -> "aarch64";
      case "arm" -> "armv7l";
      default -> arch;
    };
  }

  /** These labels with {@code arch} and {@code os} set to the host's where they are missing. */
  public static Labels withHostDefaults(Labels labels) {
    return withDefaults(labels, "linux", host());
  }

  /** These labels with {@code arch} and {@code os} set where they are missing. */
  public static Labels withDefaults(Labels labels, String os, String arch) {
    Labels out = labels;
    if (out.get(Label.ARCH).isEmpty()) {
      out = out.with(Label.ARCH, arch);
    }
    return out.get(Label.OS).isEmpty() ? out.with(Label.OS, os) : out;
  }

  private static void checkArch(Labels labels, String os, List<String> valid) {
    Optional<String> arch = labels.get(Label.ARCH);
    if (arch.isPresent() && !valid.contains(arch.get())) {
      throw new SchemaException(
          "bad arch " + Texts.quote(arch.get()) + " for " + os + mustBe(valid));
    }
  }

  private static SchemaException badOs(String os, List<String> valid) {
    return new SchemaException("bad os " + Texts.quote(os) + mustBe(valid));
  }

  private static String mustBe(List<String> valid) {
    StringBuilder out = new StringBuilder(" (must be one of: [");
    for (int i = 0; i < valid.size(); i++) {
      out.append(i == 0 ? "" : " ").append(valid.get(i));
    }
    return out.append("])").toString();
  }
}
