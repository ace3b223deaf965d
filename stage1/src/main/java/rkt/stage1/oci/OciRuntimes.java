package rkt.stage1.oci;

import java.nio.file.Path;
import java.util.Optional;
import rkt.schema.EngineException;

/** Finds the OCI runtime: the configured one, else crun, else runc. */
public final class OciRuntimes {
  private OciRuntimes() {}

  /**
   * The runtime to use.
   *
   * @param configured path from the configuration kind {@code runtime}
   * @throws EngineException UNSUPPORTED when there is none, naming the packages to install
   */
  public static RuntimeChoice find(Optional<Path> configured) throws EngineException {
    throw new UnsupportedOperationException("published as a signature first");
  }
}
