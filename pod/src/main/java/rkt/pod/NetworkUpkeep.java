package rkt.pod;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import rkt.net.Upkeep;
import rkt.os.FileLock;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.PodUuid;

/** Asks the plugins of networks about pods that run, and tells them which do. */
public final class NetworkUpkeep {
  private final PodStore pods;
  private final Reporter reporter;
  private final NetworkPlaces places;

  NetworkUpkeep(PodStore pods, Reporter reporter, NetworkPlaces places) {
    this.pods = pods;
    this.reporter = reporter;
    this.places = places;
  }

  private Upkeep upkeep() {
    return new Upkeep(pods.kernel(), PodNetworking.log(reporter), pods.layout().tmp());
  }

  /**
   * Has the plugins look at a running pod's networks.
   *
   * @return what is wrong, one line each
   */
  public List<String> check(PodUuid uuid) throws EngineException {
    try (Pod pod = pods.open(uuid)) {
      if (pod == null || pod.state() != PodState.RUNNING) {
        throw EngineException.of(
            ErrorCode.CONFLICT,
            "cannot check the networks of pod \"" + uuid.value() + "\"",
            "it is not running");
      }
      return upkeep().check(pod.fd());
    } catch (OsException e) {
      throw Failures.system("cannot check the networks of pod \"" + uuid.value() + "\"", e);
    }
  }

  /** For gc: plugins free what belongs to no pod of this data directory. Failures are reported. */
  public void collect() {
    Upkeep upkeep = upkeep();
    try (FileLock podsWait = upkeep.holdPodsBack()) {
      pods.layout().ensure(); // plugins' input is a file there
      List<Upkeep.InUse> used = new ArrayList<>();
      for (PodUuid uuid : pods.uuids(PodDirectory.values())) {
        try (Pod pod = pods.open(uuid)) {
          if (pod != null) {
            used.addAll(upkeep.inUse(pod.fd()));
          }
        }
      }
      upkeep.collect(places.configurations(), places.plugins(), used);
    } catch (EngineException | IOException e) {
      reporter.note("networking", "cannot collect garbage of networks: " + e.getMessage());
    }
  }
}
