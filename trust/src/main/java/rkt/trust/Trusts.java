package rkt.trust;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.Kernel;

/** Opens the policy and the keys of a configuration. Nothing is read before the first question. */
public final class Trusts {
  private Trusts() {}

  /**
   * The directories in the order of {@code --system-config}, {@code --local-config} and {@code
   * --user-config}. Keys live in the first two, the policy is merged over all three.
   *
   * @param imageCheckDisabled {@code --insecure-options=image}: nothing is asked of any image
   */
  public static Trust open(
      Optional<Path> systemDir, Path localDir, Optional<Path> userDir, boolean imageCheckDisabled) {
    List<Path> dirs = new ArrayList<>(3);
    systemDir.ifPresent(dirs::add);
    dirs.add(localDir);
    userDir.ifPresent(dirs::add);
    return new ConfiguredTrust(
        Kernel.linux(),
        dirs,
        Keystore.open(systemDir, localDir),
        InstantSource.system(),
        imageCheckDisabled);
  }
}
