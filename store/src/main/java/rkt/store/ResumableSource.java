package rkt.store;

import java.io.IOException;
import java.io.InputStream;
import rkt.schema.EngineException;

/** Where the bytes of a download come from, from any place on. */
@FunctionalInterface
public interface ResumableSource {
  /**
   * Opens the rest. Called once per attempt and only when bytes are missing; the store closes it.
   *
   * @param from how many bytes are here already
   */
  InputStream open(long from) throws IOException, EngineException;

  /** Another process downloads the same thing and is being waited for. */
  default void waiting() {}
}
