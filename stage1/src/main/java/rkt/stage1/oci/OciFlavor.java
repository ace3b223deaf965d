package rkt.stage1.oci;

import java.nio.file.Path;
import java.util.List;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.appc.PodUuid;
import rkt.stage1.EnterPlan;
import rkt.stage1.EnterRequest;
import rkt.stage1.LaunchPlan;
import rkt.stage1.Leftovers;
import rkt.stage1.PodSpec;
import rkt.stage1.Stage1;

/** One OCI bundle per app, run by an OCI runtime under {@code rkt-supervisor}. */
public final class OciFlavor implements Stage1 {
  /** Where runtimes keep their state; shared by all pods so that a runtime's caches help. */
  public static final Path STATE_ROOT = Path.of("/run/rkt/oci");

  private final Kernel kernel;
  private final Path supervisor;
  private final RuntimeChoice runtime;
  private final CgroupTree cgroups;

  /**
   * @param supervisor path of {@code rkt-supervisor} as it will be when the plan is executed
   */
  public OciFlavor(Kernel kernel, Path supervisor, RuntimeChoice runtime, CgroupTree cgroups) {
    this.kernel = kernel;
    this.supervisor = supervisor;
    this.runtime = runtime;
    this.cgroups = cgroups;
  }

  @Override
  public String flavor() {
    return "oci";
  }

  @Override
  public LaunchPlan plan(PodSpec spec) throws EngineException {
    throw new UnsupportedOperationException("published as a signature first");
  }

  @Override
  public EnterPlan enter(EnterRequest request) throws EngineException {
    throw new UnsupportedOperationException("published as a signature first");
  }

  @Override
  public Leftovers leftovers(PodUuid uuid, List<String> apps) {
    throw new UnsupportedOperationException("published as a signature first");
  }
}
