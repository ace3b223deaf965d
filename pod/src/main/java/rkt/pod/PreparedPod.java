package rkt.pod;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.schema.appc.App;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.RuntimeApp;
import rkt.stage1.IdRange;
import rkt.store.ImplicitDir;

/**
 * A pod whose directory holds all that running it needs; the image store is not asked again.
 *
 * @param overlay the apps' roots are overlays, to be mounted at launch; else they are copies,
 *     already in place
 * @param users the IDs of its user namespace; empty when it shares the host's
 */
record PreparedPod(
    PodManifest manifest, List<PreparedApp> apps, boolean overlay, Optional<IdRange> users) {
  PreparedPod {
    apps = List.copyOf(apps);
  }

  PreparedPod withUsers(IdRange range) {
    return new PreparedPod(manifest, apps, overlay, Optional.of(range));
  }

  /**
   * One app.
   *
   * @param app its effective app section: the pod manifest's, else the image's
   * @param treeStoreId names its directory below {@code overlay/}
   * @param lowerTopFirst absolute paths in the store; empty without overlay
   */
  record PreparedApp(
      RuntimeApp runtime,
      App app,
      ImageManifest image,
      String treeStoreId,
      List<Path> lowerTopFirst,
      List<ImplicitDir> seeds) {
    String name() {
      return runtime.name().value();
    }
  }
}
