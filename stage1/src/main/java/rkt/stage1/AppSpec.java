package rkt.stage1;

import java.nio.file.Path;
import java.util.List;
import rkt.schema.appc.App;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.RuntimeApp;

/**
 * One app as a flavor needs it.
 *
 * @param runtime the app's entry in the pod manifest
 * @param app the effective app section, all overrides applied
 * @param image the image's manifest
 * @param rootfs where the app's root file system is mounted or copied by the time of planning
 * @param bundleDir the app's stage2 directory, {@code <pod>/stage1/rootfs/opt/stage2/<app>}
 * @param environment the effective environment without the defaults, which the flavor adds
 * @param mounts volumes, already resolved to host paths
 */
public record AppSpec(
    RuntimeApp runtime,
    App app,
    ImageManifest image,
    Path rootfs,
    Path bundleDir,
    List<EnvVar> environment,
    List<BindMount> mounts) {
  public AppSpec {
    environment = List.copyOf(environment);
    mounts = List.copyOf(mounts);
  }

  /** An app without volumes. */
  public AppSpec(
      RuntimeApp runtime,
      App app,
      ImageManifest image,
      Path rootfs,
      Path bundleDir,
      List<EnvVar> environment) {
    this(runtime, app, image, rootfs, bundleDir, environment, List.of());
  }

  /** The app's name in the pod. */
  public String name() {
    return runtime.name().value();
  }
}
