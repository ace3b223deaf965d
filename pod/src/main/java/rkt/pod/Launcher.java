package rkt.pod;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import rkt.image.InsecureOption;
import rkt.image.InsecureOptions;
import rkt.net.NetworkPlan;
import rkt.os.Cgroups;
import rkt.os.Consts;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.pod.PreparedPod.PreparedApp;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.Port;
import rkt.stage1.AppSpec;
import rkt.stage1.Isolation;
import rkt.stage1.LaunchPlan;
import rkt.stage1.LogPolicy;
import rkt.stage1.MappedMounts;
import rkt.stage1.PlanWriter;
import rkt.stage1.PodSpec;
import rkt.stage1.SelinuxLabels;
import rkt.stage1.ServiceLink;

/**
 * Turns this process into the pod: mounts, the flavor's plan, exec.
 *
 * <p>All of it happens on one thread in a mount namespace of its own, whose mounts receive the
 * host's changes and send none back. The supervisor and every app live on in that namespace, so the
 * pod's mounts go when the last of them goes, however it ends.
 */
final class Launcher {
  private static final String SETTING_UP = "error setting up stage1";

  private final Kernel kernel;
  private final PodFiles files;
  private final FlavorSource flavors;
  private final Path libDir;
  private final NetworkPlaces places;
  private final InsecureOptions insecure;
  private final Reporter reporter;
  private final boolean training;

  Launcher(
      Kernel kernel,
      PodFiles files,
      FlavorSource flavors,
      NetworkPlaces places,
      EngineOptions options) {
    this.kernel = kernel;
    this.files = files;
    this.flavors = flavors;
    this.libDir = options.libDir();
    this.places = places;
    this.insecure = options.insecure();
    this.reporter = options.reporter();
    this.training = options.training();
  }

  /** What a pod gets from outside: its networks, and what the service manager passed. */
  record Outside(NetworkPlan networks, Optional<ServiceLink> service) {}

  /** Finds what is wrong with it while the pod can still stay as it is. */
  Outside outside(PreparedPod prepared, LaunchRequest request) throws EngineException {
    Optional<ServiceLink> service = service(prepared, request);
    return new Outside(PodNetworking.plan(kernel, places, reporter, prepared, request), service);
  }

  /** Returns only in a training run. The pod is in {@code run} and locked. */
  void launch(Pod pod, PreparedPod prepared, LaunchRequest request, Outside outside)
      throws EngineException {
    PodNetworking networking = PodNetworking.start(kernel, reporter, outside.networks(), pod);
    Optional<ServiceLink> service = outside.service();
    try {
      NamespaceThread.run("launch", () -> become(pod, prepared, request, networking, service));
    } finally {
      networking.finish();
    }
  }

  /** All of {@link #launch} that can be done without starting anything. */
  PodPlan plan(Pod pod, PreparedPod prepared, LaunchRequest request) throws EngineException {
    List<PodPlan> plan = new ArrayList<>(1);
    Outside outside = outside(prepared, request);
    Optional<ServiceLink> service = outside.service();
    PodNetworking networking = PodNetworking.planned(outside.networks(), pod, reporter);
    NamespaceThread.run(
        "plan",
        () -> {
          Planned planned = planned(pod, prepared, request, networking, service, false);
          plan.add(
              new PodPlan(
                  pod.uuid(),
                  pod.path(),
                  planned.flavor(),
                  prepared.manifest(),
                  roots(pod.path(), prepared, planned.apps()),
                  planned.plan()));
        });
    return plan.getFirst();
  }

  private static List<PodPlan.Root> roots(Path dir, PreparedPod prepared, List<AppSpec> specs) {
    List<PodPlan.Root> roots = new ArrayList<>(prepared.apps().size());
    for (PreparedApp app : prepared.apps()) {
      Path bundle = dir.resolve(PodFiles.STAGE2).resolve(app.name());
      roots.add(
          new PodPlan.Root(
              app.name(),
              app.runtime().image().id().value(),
              bundle.resolve("rootfs"),
              app.lowerTopFirst(),
              bundle,
              specs.get(roots.size()).mounts()));
    }
    return roots;
  }

  private void become(
      Pod pod,
      PreparedPod prepared,
      LaunchRequest request,
      PodNetworking networking,
      Optional<ServiceLink> service)
      throws EngineException {
    Planned planned = planned(pod, prepared, request, networking, service, true);
    try {
      become(pod, prepared, planned, networking, service);
    } catch (EngineException | RuntimeException e) {
      release(planned.labels(), e);
      throw e;
    }
  }

  /** What a pod that does not start has claimed; what fails here never hides {@code because}. */
  private void release(Optional<SelinuxLabels> labels, Exception because) {
    try {
      if (labels.isPresent()) {
        labels.get().release(kernel);
      }
    } catch (OsException e) {
      because.addSuppressed(e);
    }
  }

  /** What the service manager has for the pod; nothing, as a rule. */
  private Optional<ServiceLink> service(PreparedPod prepared, LaunchRequest request)
      throws EngineException {
    boolean sockets = false;
    for (PreparedApp app : prepared.apps()) {
      for (Port port : app.app().ports()) {
        sockets |= port.socketActivated();
      }
    }
    if (request.manager().isEmpty() && !sockets) {
      return Optional.empty();
    }
    return Optional.of(
        SocketActivation.link(
            kernel, request.manager().orElse(ServiceManager.NONE), prepared, reporter));
  }

  private void become(
      Pod pod,
      PreparedPod prepared,
      Planned planned,
      PodNetworking networking,
      Optional<ServiceLink> service)
      throws EngineException {
    LaunchPlan plan = planned.plan();
    PlanWriter.write(plan, kernel);
    if (planned.labels().isPresent()) {
      SelinuxFiles.label(kernel, pod.path(), prepared, planned.labels().get());
    }
    if (plan.mapped().isPresent()) {
      MappedMounts mapped = plan.mapped().get();
      try {
        new MappedMounter(
                kernel,
                files,
                reporter,
                pod.path(),
                prepared,
                mapped,
                label(planned.labels()),
                networking.namespace())
            .mount();
      } catch (OsException e) {
        throw Failures.system("cannot map the pod's files into its user namespace", e);
      }
    }
    reporter.debug("stage0", "Wrote filesystem to " + pod.path());
    for (String warning : plan.warnings()) {
      reporter.note("stage1", warning);
    }
    if (reporter.debugging()) {
      reporter.debug("stage0", "Execing " + plan.argv());
    }
    networking.await();
    List<Integer> inherited = networking.inherited();
    inherited.add(pod.fd());
    if (service.isPresent()) {
      inherited.addAll(service.get().descriptors());
    }
    exec(pod.path(), plan, inherited);
  }

  /** A plan, the name of the flavor that made it, what it was made from, and the pod's labels. */
  private record Planned(
      LaunchPlan plan, String flavor, List<AppSpec> apps, Optional<SelinuxLabels> labels) {}

  /**
   * Mounts the apps' roots, which planning looks into, in a namespace of this thread.
   *
   * @param starting whether this process will become the pod
   */
  private Planned planned(
      Pod pod,
      PreparedPod prepared,
      LaunchRequest request,
      PodNetworking networking,
      Optional<ServiceLink> service,
      boolean starting)
      throws EngineException {
    try {
      Optional<SelinuxLabels> labels = SelinuxLabels.choose(kernel, starting);
      try {
        return planned(pod, prepared, request, networking, service, starting, labels);
      } catch (EngineException | IOException | RuntimeException e) {
        if (starting) {
          release(labels, e);
        }
        throw e;
      }
    } catch (IOException e) {
      throw Failures.system(SETTING_UP, e);
    }
  }

  private Planned planned(
      Pod pod,
      PreparedPod prepared,
      LaunchRequest request,
      PodNetworking networking,
      Optional<ServiceLink> service,
      boolean starting,
      Optional<SelinuxLabels> labels)
      throws EngineException, IOException {
    Path dir = pod.path();
    enterPrivateNamespace();
    reporter.debug("stage0", "Setting up stage1");
    mountRoots(dir, prepared, labels);
    Path supervisor = bindSupervisor(dir);
    FlavorSource.Flavor flavor = flavors.open(supervisor, request.cgroupParent());
    if (flavor.hidesUnifiedCgroups()) {
      // Else crun, which looks for v2 controllers here, refuses the v1 hierarchies beside it.
      kernel.umount("/sys/fs/cgroup/unified", Consts.MNT_DETACH);
    }
    if (starting && flavor.leaves().isPresent()) {
      joinLeafCgroup(flavor.leaves().get());
    }
    List<AppSpec> apps = apps(dir, prepared, starting, label(labels));
    reporter.debug("stage0", "Mounted the apps' roots and volumes");
    networking.awaitAddresses();
    PodSpec spec = spec(pod, dir, apps, prepared, request, networking, service, labels);
    LaunchPlan plan = flavor.stage1().plan(spec);
    return new Planned(plan, flavor.stage1().flavor(), spec.apps(), labels);
  }

  /** After this, mounts made here stay here; mounts the host makes or removes still arrive. */
  private void enterPrivateNamespace() throws OsException {
    kernel.unshare(Consts.CLONE_NEWNS);
    kernel.mount("none", "/", null, Consts.MS_REC | Consts.MS_SLAVE, null);
  }

  /**
   * In a delegated v2 cgroup (a systemd unit with {@code Delegate=yes}) the pod's cgroups are made
   * beside us, and a v2 cgroup with controllers for its children must hold no process itself: we
   * move into a leaf of it, as systemd asks of delegates. The leaf goes with the unit.
   */
  private void joinLeafCgroup(String cgroup) throws OsException {
    Cgroups.probe(kernel).tree(cgroup + "/supervisor").join(kernel.getpid());
  }

  private void mountRoots(Path dir, PreparedPod prepared, Optional<SelinuxLabels> labels)
      throws OsException {
    if (!prepared.overlay()) {
      return;
    }
    // With a user namespace, the pod is made in these and run in others (MappedMounter).
    boolean mapped = prepared.users().isPresent();
    Path overlay = dir.resolve(PodFiles.OVERLAY);
    makeOwned(overlay);
    for (PreparedApp app : prepared.apps()) {
      Path tree = overlay.resolve(app.treeStoreId());
      files.mkdir(tree, 0755);
      files.mkdir(tree.resolve("upper"), 0755);
      files.mkdir(tree.resolve("work"), 0755);
      Path upper = tree.resolve("upper").resolve(app.name());
      Path work = tree.resolve("work").resolve(app.name());
      files.mkdir(upper, 0755);
      files.mkdir(work, 0755);
      if (mapped) {
        work = tree.resolve("setup-" + app.name());
        files.mkdir(work, 0755);
      }
      Path target = dir.resolve(PodFiles.STAGE2).resolve(app.name()).resolve("rootfs");
      new OverlayMount(app.lowerTopFirst(), upper, work, target, app.seeds(), label(labels), mapped)
          .mount(kernel);
    }
  }

  private static String label(Optional<SelinuxLabels> labels) {
    return labels.isPresent() ? labels.get().file() : "";
  }

  /**
   * Without the set-group-ID bit of the pod directory, which files of the apps would inherit. For
   * root alone: what apps write may be set-user-ID programs, which a member of group rkt could
   * otherwise reach and run on the host (CVE-2021-41091).
   */
  private void makeOwned(Path dir) throws OsException {
    files.mkdir(dir, 0700);
    String name = dir.toString();
    kernel.fchownat(
        Consts.AT_FDCWD, name, kernel.geteuid(), kernel.getegid(), Consts.AT_SYMLINK_NOFOLLOW);
    kernel.fchmodat(Consts.AT_FDCWD, name, 0700);
  }

  /**
   * The supervisor runs from a read-only bind mount: a process of the pod that gets hold of {@code
   * /proc/PID/exe} cannot open the host's binary for writing through it (the class of
   * CVE-2019-5736).
   */
  private Path bindSupervisor(Path dir) throws OsException {
    Path supervisor = dir.resolve(PodFiles.SUPERVISOR);
    files.write(supervisor, "", 0755);
    String target = supervisor.toString();
    kernel.mount(libDir.resolve("rkt-supervisor").toString(), target, null, Consts.MS_BIND, null);
    long flags = Consts.MS_BIND | Consts.MS_REMOUNT | Consts.MS_RDONLY | Consts.MS_NOSUID;
    kernel.mount("none", target, null, flags, null);
    return supervisor;
  }

  private List<AppSpec> apps(Path dir, PreparedPod prepared, boolean starting, String label)
      throws EngineException, IOException {
    List<AppSpec> apps = new ArrayList<>(prepared.apps().size());
    try (Volumes volumes =
        new Volumes(kernel, files, reporter, dir, prepared.manifest(), starting, label)) {
      for (PreparedApp app : prepared.apps()) {
        Path bundle = dir.resolve(PodFiles.STAGE2).resolve(app.name());
        Path root = bundle.resolve("rootfs");
        apps.add(
            new AppSpec(
                app.runtime(),
                app.app(),
                app.image(),
                root,
                bundle,
                app.app().environment(),
                volumes.mountsOf(app, root)));
      }
    }
    return apps;
  }

  private PodSpec spec(
      Pod pod,
      Path dir,
      List<AppSpec> apps,
      PreparedPod prepared,
      LaunchRequest request,
      PodNetworking networking,
      Optional<ServiceLink> service,
      Optional<SelinuxLabels> labels) {
    // Prefixes are for a reader who sees several apps on one screen; a file or pipe gets the bytes
    // as they are.
    boolean prefix = apps.size() > 1 && kernel.isatty(1);
    return new PodSpec(
        pod.uuid(),
        dir,
        apps,
        request.hostname().orElse("rkt-" + pod.uuid().value()),
        networking.mode(),
        !request.privateIpc(),
        request.interactive(),
        request.terminal(),
        prefix,
        disabled(),
        pod.fd(),
        LogPolicy.DEFAULT,
        PodSpec.DEFAULT_GRACE_MILLIS,
        networking.resolvConf(request.resolvConf()),
        request.etcHosts(),
        prepared.manifest().isolators(),
        labels,
        prepared.users(),
        networking.joined(),
        service);
  }

  private Set<Isolation> disabled() {
    Set<Isolation> off = EnumSet.noneOf(Isolation.class);
    if (insecure.has(InsecureOption.CAPABILITIES)) {
      off.add(Isolation.CAPABILITIES);
    }
    if (insecure.has(InsecureOption.PATHS)) {
      off.add(Isolation.PATHS);
    }
    if (insecure.has(InsecureOption.SECCOMP)) {
      off.add(Isolation.SECCOMP);
    }
    return off;
  }

  /**
   * Nothing of this JVM crosses the exec but the standard streams, the pod's lock, what holds its
   * network, sockets for its apps, and ignored signals.
   */
  private void exec(Path dir, LaunchPlan plan, List<Integer> inherited) throws EngineException {
    try {
      kernel.chdir(dir.toString());
      kernel.resetSignals();
      kernel.closeRangeCloexec(3);
      for (int fd : inherited) {
        kernel.setCloexec(fd, false);
      }
      if (training) {
        return;
      }
      String[] argv = plan.argv().toArray(new String[0]);
      kernel.execve(argv[0], argv, plan.env().toArray(new String[0]));
    } catch (OsException e) {
      throw Failures.system("error execing init", e);
    }
    throw EngineException.of(ErrorCode.SYSTEM, "error execing init", "the exec returned");
  }
}
