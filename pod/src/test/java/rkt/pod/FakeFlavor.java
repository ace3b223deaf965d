package rkt.pod;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.schema.EngineException;
import rkt.schema.appc.PodUuid;
import rkt.stage1.EnterPlan;
import rkt.stage1.EnterRequest;
import rkt.stage1.LaunchPlan;
import rkt.stage1.Leftovers;
import rkt.stage1.PlannedFile;
import rkt.stage1.PodSpec;
import rkt.stage1.Stage1;

/** Plans nothing but a launch file; keeps what it was asked. */
final class FakeFlavor implements Stage1, FlavorSource {
  final List<PodSpec> planned = new ArrayList<>();
  final List<EnterRequest> entered = new ArrayList<>();
  @Nullable EngineException refusal;
  Runnable whileEntering = () -> {};

  @Override
  public Flavor open(Path supervisor, Optional<String> cgroupParent) {
    return new Flavor(this, false, Optional.empty());
  }

  @Override
  public String flavor() {
    return "fake";
  }

  @Override
  public LaunchPlan plan(PodSpec spec) throws EngineException {
    planned.add(spec);
    EngineException refused = refusal;
    if (refused != null) {
      throw refused;
    }
    byte[] launch = "version=1\0".getBytes(StandardCharsets.UTF_8);
    return new LaunchPlan(
        List.of(spec.podDir().resolve("exit")),
        List.of(new PlannedFile(spec.podDir().resolve("launch"), launch, 0600)),
        List.of(),
        List.of(),
        Map.of(),
        List.of("/supervisor", spec.podDir().resolve("launch").toString()),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  @Override
  public EnterPlan enter(EnterRequest request) {
    entered.add(request);
    whileEntering.run();
    return new EnterPlan(
        List.of(new PlannedFile(request.podDir().resolve("process"), new byte[0], 0600)),
        Path.of("/proc/self/ns/mnt"),
        List.of("/runtime", "exec"),
        List.of());
  }

  @Override
  public Leftovers leftovers(PodUuid uuid, List<String> apps) {
    return new Leftovers(List.of(), List.of());
  }
}
