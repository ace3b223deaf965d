package rkt.stage1;

import rkt.os.Kernel;
import rkt.schema.EngineException;

/** Carries out a launch plan up to, but not including, its exec. */
public final class PlanWriter {
  private PlanWriter() {}

  /** Writes directories, files, links and the steps inside the apps' roots. */
  public static void write(LaunchPlan plan, Kernel kernel) throws EngineException {
    throw new UnsupportedOperationException("published as a signature first");
  }
}
