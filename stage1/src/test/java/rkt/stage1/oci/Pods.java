package rkt.stage1.oci;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import rkt.schema.ImageId;
import rkt.schema.appc.AcName;
import rkt.schema.appc.Annotations;
import rkt.schema.appc.App;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.EventHandler;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.Labels;
import rkt.schema.appc.PodUuid;
import rkt.schema.appc.RuntimeApp;
import rkt.schema.appc.RuntimeImage;
import rkt.stage1.AppSpec;
import rkt.stage1.BindMount;
import rkt.stage1.EtcHosts;
import rkt.stage1.IdRange;
import rkt.stage1.Isolation;
import rkt.stage1.LogPolicy;
import rkt.stage1.NetMode;
import rkt.stage1.PodSpec;
import rkt.stage1.ResolvConf;
import rkt.stage1.SelinuxLabels;

/** Pods for tests: roots with one program, {@code /app}. */
final class Pods {
  static final PodUuid UUID = PodUuid.parse("11111111-2222-4333-8444-555555555555");

  final Path dir;
  final List<AppSpec> apps = new ArrayList<>();
  NetMode net = NetMode.HOST;
  boolean hostIpc;
  boolean interactive;
  Set<Isolation> disabled = Set.of();
  List<Isolator> isolators = List.of();
  List<Isolator> podIsolators = List.of();
  List<EnvVar> environment = List.of();
  List<BindMount> mounts = List.of();
  List<EventHandler> handlers = List.of();
  ResolvConf resolvConf = ResolvConf.DEFAULT;
  EtcHosts etcHosts = EtcHosts.DEFAULT;
  Optional<rkt.stage1.JoinedNetwork> network = Optional.empty();
  rkt.stage1.@org.jspecify.annotations.Nullable ServiceLink service;
  Optional<SelinuxLabels> selinux = Optional.empty();
  String user = "0";
  boolean readOnly;
  Optional<IdRange> users = Optional.empty();

  Pods(Path dir) {
    this.dir = dir;
  }

  Path root(String app) {
    return dir.resolve("stage1/rootfs/opt/stage2").resolve(app).resolve("rootfs");
  }

  Pods app(String name, String... exec) throws IOException {
    Path root = Files.createDirectories(root(name));
    Path program = Files.writeString(root.resolve("app"), "");
    program.toFile().setExecutable(true, false);
    App app =
        new App(
            List.of(exec),
            handlers,
            user,
            user,
            List.of(7, 8),
            "",
            environment,
            List.of(),
            List.of(),
            isolators,
            Map.of(),
            Map.of());
    RuntimeImage image =
        new RuntimeImage(Optional.empty(), new ImageId("sha512-" + "a".repeat(64)), Labels.EMPTY);
    RuntimeApp runtime =
        new RuntimeApp(
            new AcName(name), image, Optional.of(app), readOnly, List.of(), Annotations.EMPTY);
    String manifest =
        """
        {"acKind":"ImageManifest","acVersion":"0.8.11","name":"example.com/app",
         "labels":[{"name":"os","value":"linux"},{"name":"arch","value":"amd64"}]}
        """;
    apps.add(
        new AppSpec(
            runtime,
            app,
            ImageManifest.parse(manifest.getBytes(StandardCharsets.UTF_8)),
            root,
            dir.resolve("stage1/rootfs/opt/stage2").resolve(name),
            environment,
            mounts));
    return this;
  }

  PodSpec spec() {
    return new PodSpec(
        UUID,
        dir,
        apps,
        "rkt-" + UUID.value(),
        net,
        hostIpc,
        interactive,
        interactive,
        apps.size() > 1,
        disabled,
        9,
        LogPolicy.DEFAULT,
        PodSpec.DEFAULT_GRACE_MILLIS,
        resolvConf,
        etcHosts,
        podIsolators,
        selinux,
        users,
        network,
        Optional.ofNullable(service));
  }

  static CgroupTree v1() {
    return new CgroupTree(
        false,
        true,
        List.of(
            new CgroupTree.Mount(Path.of("/sys/fs/cgroup/cpu"), List.of("cpu")),
            new CgroupTree.Mount(Path.of("/sys/fs/cgroup/memory"), List.of("memory"))),
        "");
  }

  static CgroupTree v2() {
    return new CgroupTree(
        true,
        false,
        List.of(new CgroupTree.Mount(Path.of("/sys/fs/cgroup"), List.of("cpu", "memory"))),
        "/machine.slice");
  }
}
