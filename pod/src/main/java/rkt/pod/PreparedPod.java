package rkt.pod;

import java.nio.file.Path;
import java.util.List;
import rkt.schema.appc.App;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.RuntimeApp;
import rkt.store.ImplicitDir;

/**
 * A pod whose directory holds all that running it needs; the image store is not asked again.
 *
 * @param overlay the apps' roots are overlays, to be mounted at launch; else they are copies,
 *     already in place
 */
record PreparedPod(PodManifest manifest, List<PreparedApp> apps, boolean overlay) {
  PreparedPod {
    apps = List.copyOf(apps);
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
