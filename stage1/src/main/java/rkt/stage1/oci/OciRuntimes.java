package rkt.stage1.oci;

import java.nio.file.Path;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** Finds the OCI runtime: the configured one, else crun, else runc. */
public final class OciRuntimes {
  /** Not the caller's PATH: root's may have been set by whoever called sudo. */
  private static final String[] DIRECTORIES = {
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"
  };

  /** crun first: it starts an app in a third of the time. */
  private static final String[] NAMES = {"crun", "runc"};

  private OciRuntimes() {}

  /**
   * The runtime to use.
   *
   * @param configured path from the configuration kind {@code runtime}
   * @throws EngineException UNSUPPORTED when there is none, naming the packages to install
   */
  public static RuntimeChoice find(Optional<Path> configured) throws EngineException {
    return find(Kernel.linux(), configured);
  }

  static RuntimeChoice find(Kernel kernel, Optional<Path> configured) throws EngineException {
    if (configured.isPresent()) {
      Path binary = configured.get();
      if (!isExecutable(kernel, binary.toString())) {
        throw EngineException.of(
            ErrorCode.UNSUPPORTED,
            "cannot use the configured OCI runtime",
            "\"" + binary + "\" is not an executable file",
            "correct \"path\" in the configuration of kind \"runtime\"");
      }
      return new RuntimeChoice(binary, name(binary));
    }
    for (String name : NAMES) {
      for (String directory : DIRECTORIES) {
        String candidate = directory + "/" + name;
        if (isExecutable(kernel, candidate)) {
          return new RuntimeChoice(Path.of(candidate), name);
        }
      }
    }
    throw EngineException.of(
        ErrorCode.UNSUPPORTED,
        "cannot isolate apps",
        "neither crun nor runc is installed",
        "install the package crun (or runc), or name a runtime in a configuration of kind"
            + " \"runtime\"");
  }

  private static String name(Path binary) {
    String file = String.valueOf(binary.getFileName());
    for (String name : NAMES) {
      if (file.equals(name)) {
        return name;
      }
    }
    return file;
  }

  private static boolean isExecutable(Kernel kernel, String path) {
    try {
      Stat stat = kernel.fstatat(Consts.AT_FDCWD, path, 0);
      return stat.isRegular() && (stat.mode() & 0111) != 0;
    } catch (OsException _) {
      return false; // absent, or in a place that cannot be reached: the next one then
    }
  }
}
