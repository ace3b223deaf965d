package rkt.pod;

import java.nio.file.Path;
import java.util.List;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.PodUuid;
import rkt.stage1.BindMount;
import rkt.stage1.LaunchPlan;

/**
 * A pod that was planned and not run: what {@code rkt run --print-plan} shows.
 *
 * @param uuid the identity the pod had while it was planned
 * @param dir where it would be while it runs
 * @param flavor how it would be isolated
 * @param roots the apps' root file systems, in the order of the manifest
 * @param launch everything else that would happen
 */
public record PodPlan(
    PodUuid uuid,
    Path dir,
    String flavor,
    PodManifest manifest,
    List<Root> roots,
    LaunchPlan launch) {
  public PodPlan {
    roots = List.copyOf(roots);
  }

  /**
   * Where an app's root comes from.
   *
   * @param app its name
   * @param image the ID of its image
   * @param path where the root is
   * @param lowerTopFirst the layers of an overlay; empty when the root is a copy
   * @param bundle the app's OCI bundle
   * @param volumes the app's volumes
   */
  public record Root(
      String app,
      String image,
      Path path,
      List<Path> lowerTopFirst,
      Path bundle,
      List<BindMount> volumes) {
    public Root {
      lowerTopFirst = List.copyOf(lowerTopFirst);
      volumes = List.copyOf(volumes);
    }
  }
}
