package rkt.pod;

import java.util.List;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.appc.AcName;
import rkt.schema.appc.PodUuid;

/** {@code rkt enter}. */
public final class Enterer {
  Enterer() {}

  /**
   * Does not return, except in a training run: the process becomes the command in the app.
   *
   * @param command never empty; the caller says {@code no command specified, assuming "/bin/bash"}
   * @param terminal standard input is a terminal
   * @param term the caller's {@code TERM}
   */
  public void enter(
      PodUuid uuid,
      Optional<AcName> app,
      List<String> command,
      boolean terminal,
      Optional<String> term)
      throws EngineException {
    throw new UnsupportedOperationException();
  }
}
