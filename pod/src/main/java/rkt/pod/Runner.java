package rkt.pod;

import rkt.schema.EngineException;
import rkt.schema.appc.PodUuid;

/** {@code rkt run}, {@code rkt prepare} and {@code rkt run-prepared}. */
public final class Runner {
  Runner() {}

  /** Does not return, except in a training run: the process becomes the pod. */
  public void run(RunRequest request) throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** Makes a pod that {@link #runPrepared} starts later. */
  public PodUuid prepare(PodRequest request) throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** Does not return, except in a training run: the process becomes the pod. */
  public void runPrepared(PodUuid uuid, LaunchRequest request) throws EngineException {
    throw new UnsupportedOperationException();
  }
}
