package rkt.pod;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.image.InsecureOptions;
import rkt.net.NetRequest;
import rkt.os.Kernel;
import rkt.pod.config.ConfigDirs;

/** A runner on fakes: the pod life cycle without a store, a runtime or root. */
final class Rig {
  final Path data;
  final Kernel kernel;
  final Said said = new Said();
  final FakeFlavor flavor = new FakeFlavor();
  final PodStore pods;
  final FakeImages images;
  final Runner runner;
  final EngineOptions options;

  /**
   * @param training the exec is left out, as in a training run
   */
  Rig(Path base, Kernel kernel, boolean training) throws Exception {
    this.data = base.resolve("data");
    this.kernel = kernel;
    this.pods = new PodStore(data, kernel);
    Path layer = Files.createDirectories(base.resolve("layer"));
    Path lib = Files.createDirectories(base.resolve("lib"));
    if (!Files.exists(lib.resolve("rkt-supervisor"))) {
      Files.createFile(lib.resolve("rkt-supervisor"));
    }
    this.images = new FakeImages(layer);
    this.options =
        new EngineOptions(
            Optional.of(data), ConfigDirs.DEFAULT, InsecureOptions.NONE, said, lib, training);
    Launcher launcher =
        new Launcher(
            kernel,
            pods.files(),
            flavor,
            NetworkPlaces.of(options.configDirs(), List.of()),
            options);
    this.runner =
        new Runner(data, pods, images, (image, signature) -> images.record(), launcher, said);
  }

  static RunRequest run() {
    return new RunRequest(PodRequest.of(List.of(FakeImages.request())), launch(), Optional.empty());
  }

  static LaunchRequest launch() {
    return new LaunchRequest(
        NetRequest.parse(List.of("none")),
        false,
        false,
        Optional.empty(),
        true,
        rkt.stage1.ResolvConf.DEFAULT,
        rkt.stage1.EtcHosts.DEFAULT,
        Optional.empty(),
        Optional.empty());
  }
}
