package rkt.trust;

import java.nio.file.Path;
import java.util.Optional;
import rkt.os.Kernel;

/** The trusted OpenPGP keys of the system and the local configuration directory. */
public final class Keystore {
  private final Kernel kernel;
  private final Optional<Path> system;
  private final Path local;

  private Keystore(Kernel kernel, Optional<Path> system, Path local) {
    this.kernel = kernel;
    this.system = system;
    this.local = local;
  }

  /** Reads nothing yet. */
  public static Keystore open(Optional<Path> systemDir, Path localDir) {
    return new Keystore(Kernel.linux(), systemDir, localDir);
  }
}
