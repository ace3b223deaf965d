package rkt.pod;

import java.util.List;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.AcName;
import rkt.schema.appc.ExposedPort;
import rkt.schema.appc.Mount;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.Port;
import rkt.schema.appc.RuntimeApp;
import rkt.schema.appc.Volume;

/** What must hold between the parts of a pod manifest, whether it was made or given. */
final class ManifestRules {
  private ManifestRules() {}

  /** Everything that needs no image. */
  static void check(PodManifest manifest) throws EngineException {
    if (manifest.apps().isEmpty()) {
      throw invalid(
          "pod must contain at least one application", "add one to \"apps\" of the pod manifest");
    }
    for (RuntimeApp app : manifest.apps()) {
      for (Mount mount : app.mounts()) {
        if (mount.appVolume().isEmpty() && !hasVolume(manifest, mount.volume())) {
          throw invalid(
              "could not find volume "
                  + mount.volume().value()
                  + ", which app \""
                  + app.name().value()
                  + "\" mounts on "
                  + mount.path(),
              "give it with --volume, or in \"volumes\" of the pod manifest");
        }
      }
    }
  }

  private static boolean hasVolume(PodManifest manifest, AcName name) {
    for (Volume volume : manifest.volumes()) {
      if (volume.name().equals(name)) {
        return true;
      }
    }
    return false;
  }

  /**
   * A port is exposed by the name that an app gives it.
   *
   * @param ports those of every app's effective section
   */
  static void checkPorts(List<ExposedPort> exposed, List<Port> ports) throws EngineException {
    for (ExposedPort port : exposed) {
      boolean known = false;
      for (Port candidate : ports) {
        known |= candidate.name().equals(port.name());
      }
      if (!known) {
        throw invalid(
            "port name \"" + port.name().value() + "\" is not defined by any app of the pod",
            "name a port that an app or its image has");
      }
    }
  }

  private static EngineException invalid(String why, String remedy) {
    return EngineException.of(ErrorCode.INVALID, ManifestBuilder.STAGE, why, remedy);
  }
}
