package rkt.stage1.oci;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.EventHandler;
import rkt.schema.appc.PodUuid;
import rkt.stage1.AppSpec;
import rkt.stage1.EnterPlan;
import rkt.stage1.EnterRequest;
import rkt.stage1.LaunchPlan;
import rkt.stage1.Leftovers;
import rkt.stage1.NetMode;
import rkt.stage1.PlannedFile;
import rkt.stage1.PlannedLink;
import rkt.stage1.PlannedMount;
import rkt.stage1.PodSpec;
import rkt.stage1.RootfsStep;
import rkt.stage1.SelinuxLabels;
import rkt.stage1.Stage1;

/** One OCI bundle per app, run by an OCI runtime under {@code rkt-supervisor}. */
public final class OciFlavor implements Stage1 {
  /** Where runtimes keep their state. */
  public static final Path STATE_ROOT = Path.of("/run/rkt/oci");

  private final Kernel kernel;
  private final Path supervisor;
  private final RuntimeChoice runtime;
  private final CgroupTree cgroups;

  /**
   * @param supervisor path of {@code rkt-supervisor} as it will be when the plan is executed
   */
  public OciFlavor(Kernel kernel, Path supervisor, RuntimeChoice runtime, CgroupTree cgroups) {
    this.kernel = kernel;
    this.supervisor = supervisor;
    this.runtime = runtime;
    this.cgroups = cgroups;
  }

  /** The runtime's name for an app of a pod. */
  static String containerId(PodUuid uuid, String app) {
    return uuid.value() + "-" + app;
  }

  @Override
  public String flavor() {
    return "oci";
  }

  @Override
  public LaunchPlan plan(PodSpec pod) throws EngineException {
    if (pod.interactive() && pod.apps().size() != 1) {
      throw EngineException.of(
          ErrorCode.USAGE,
          "cannot start the pod",
          "interactive option only supports pods with one app");
    }
    List<String> warnings = new ArrayList<>();
    if (!pod.apps().isEmpty() && cgroups.mounts().isEmpty()) {
      warnings.add("warning: no cgroup hierarchy is mounted: limits are not enforced");
    }
    ProvidedFiles provided = new ProvidedFiles(pod);
    PodLimits limits = PodLimits.of(kernel, pod, cgroups, warnings);
    LimitChecks checks = new LimitChecks(kernel, runtime);
    checks.pod(limits);
    AppPlanner planner = new AppPlanner(kernel, cgroups, pod, supervisor, warnings, provided);
    List<AppPlan> apps = new ArrayList<>(pod.apps().size());
    for (AppSpec app : pod.apps()) {
      AppPlan plan = planner.plan(app);
      AppIds.check(plan, pod.users());
      checks.app(plan, limits.oomScoreAdj(plan));
      apps.add(plan);
    }
    MappedSources sources = MappedSources.of(kernel, pod);
    PodPaths paths = new PodPaths(pod.podDir());
    Map<Path, List<RootfsStep>> steps = new LinkedHashMap<>();
    for (AppPlan app : apps) {
      steps.put(app.spec().rootfs(), app.steps());
    }
    return new LaunchPlan(
        directories(pod, paths, apps),
        files(pod, paths, apps, provided, limits, sources),
        List.of(new PlannedLink(paths.flavor(), flavor())),
        mounts(pod, paths, provided),
        steps,
        List.of(supervisor.toString(), paths.launch().toString()),
        List.of("PATH=" + AppEnvironment.DEFAULT_PATH),
        warnings,
        limits.writes(pod, cgroups),
        sources.plan());
  }

  private static List<Path> directories(PodSpec pod, PodPaths paths, List<AppPlan> apps) {
    List<Path> directories = new ArrayList<>();
    directories.add(STATE_ROOT);
    directories.add(pod.users().isPresent() ? MappedSources.BASE : paths.empty());
    directories.add(paths.namespaces());
    directories.add(paths.logs());
    directories.add(paths.exits());
    directories.add(paths.etc());
    directories.add(paths.statuses());
    directories.add(paths.environments());
    for (AppPlan app : apps) {
      directories.add(app.spec().bundleDir());
      if (app.service().isPresent() && app.service().get().notifyDir().isPresent()) {
        directories.add(app.service().get().notifyDir().get());
      }
      for (HandlerPlan handler : app.handlers()) {
        directories.add(app.spec().bundleDir().resolve(handler.name()));
      }
    }
    if (sharesMemory(pod)) {
      directories.add(paths.shm());
    }
    return directories;
  }

  private List<PlannedFile> files(
      PodSpec pod,
      PodPaths paths,
      List<AppPlan> apps,
      ProvidedFiles provided,
      PodLimits limits,
      MappedSources sources) {
    List<PlannedFile> files = new ArrayList<>();
    for (String namespace : namespaces(pod)) {
      files.add(text(paths.namespace(namespace), "", 0600));
    }
    provided.sources(apps, files);
    for (AppPlan app : apps) {
      String name = app.spec().name();
      String config = new BundleConfig(kernel, pod, cgroups, runtime, limits, sources).write(app);
      files.add(text(app.spec().bundleDir().resolve("config.json"), config, 0600));
      for (HandlerPlan handler : app.handlers()) {
        Path file = app.spec().bundleDir().resolve(handler.name()).resolve("config.json");
        String document =
            new BundleConfig(kernel, pod, cgroups, runtime, limits, sources).write(app, handler);
        files.add(text(file, document, 0600));
      }
      files.add(text(paths.environment(name), app.environment().file(), 0644));
    }
    if (runtime.isCrun()) {
      files.add(text(paths.runtime(), "", 0755));
    }
    byte[] launch =
        LaunchFile.write(
            pod, apps, cgroups, runtimePath(paths), STATE_ROOT, oomNotes(apps, limits));
    files.add(new PlannedFile(paths.launch(), launch, 0600));
    return files;
  }

  /** By app: whose limit it is that the kernel kills at, as far as rkt set one. */
  private static Map<String, String> oomNotes(List<AppPlan> apps, PodLimits limits) {
    Map<String, String> notes = new LinkedHashMap<>();
    for (AppPlan app : apps) {
      Optional<Long> own = app.isolators().resources().memory();
      Optional<Long> pod = limits.resources().memory();
      String note = "it has no memory limit; the machine, or a cgroup above it, ran out";
      if (own.isPresent() && (pod.isEmpty() || own.get() <= pod.get())) {
        note = "its memory limit is " + own.get() + " bytes";
      } else if (pod.isPresent()) {
        note = "the pod's memory limit is " + pod.get() + " bytes";
      }
      notes.put(app.spec().name(), note);
    }
    return notes;
  }

  private Path runtimePath(PodPaths paths) {
    return runtime.isCrun() ? paths.runtime() : runtime.binary();
  }

  /** Which namespaces of the sandbox the apps join. */
  private static List<String> namespaces(PodSpec pod) {
    List<String> namespaces = new ArrayList<>(List.of("pid", "uts"));
    if (!pod.hostIpc()) {
      namespaces.add("ipc");
    }
    if (pod.net() != NetMode.HOST) {
      namespaces.add("net");
    }
    if (pod.users().isPresent()) {
      namespaces.add("user");
    }
    return namespaces;
  }

  /** Whether more than one container shows the pod's shared memory. */
  static boolean sharesMemory(PodSpec pod) {
    boolean several = pod.apps().size() > 1;
    for (AppSpec app : pod.apps()) {
      several |= !app.app().eventHandlers().isEmpty();
    }
    return several && !pod.hostIpc();
  }

  private List<PlannedMount> mounts(PodSpec pod, PodPaths paths, ProvidedFiles provided)
      throws EngineException {
    List<PlannedMount> mounts = new ArrayList<>();
    provided.mounts(kernel, mounts);
    if (runtime.isCrun()) {
      // Against a process that overwrites the runtime through /proc/PID/exe (CVE-2019-5736), crun
      // copies itself into memory and executes the copy, unless its file system is read-only.
      // This mount is as safe and saves 1 ms of each of its starts.
      long remount = Consts.MS_REMOUNT | Consts.MS_BIND | Consts.MS_RDONLY;
      mounts.add(bind(runtime.binary().toString(), paths.runtime(), Consts.MS_BIND));
      mounts.add(bind("none", paths.runtime(), remount | Consts.MS_NOSUID | Consts.MS_NODEV));
    }
    if (sharesMemory(pod)) {
      long flags = Consts.MS_NOSUID | Consts.MS_NODEV | Consts.MS_NOEXEC;
      String label = pod.selinux().isPresent() ? pod.selinux().get().file() : "";
      String options = "mode=1777,size=65536k" + SelinuxLabels.mountOption(label);
      mounts.add(
          new PlannedMount("shm", paths.shm(), Optional.of("tmpfs"), flags, Optional.of(options)));
    }
    return mounts;
  }

  private static PlannedMount bind(String source, Path target, long flags) {
    return new PlannedMount(source, target, Optional.empty(), flags, Optional.empty());
  }

  private static PlannedFile text(Path path, String text, int mode) {
    return new PlannedFile(path, text.getBytes(StandardCharsets.UTF_8), mode);
  }

  @Override
  public EnterPlan enter(EnterRequest request) throws EngineException {
    return new EnterPlanner(kernel, supervisor).plan(request, STATE_ROOT);
  }

  @Override
  public Leftovers leftovers(PodUuid uuid, List<String> apps) {
    List<Path> states = new ArrayList<>(apps.size() * 3);
    for (String app : apps) {
      states.add(STATE_ROOT.resolve(containerId(uuid, app)));
      states.add(STATE_ROOT.resolve(containerId(uuid, app) + "." + EventHandler.PRE_START));
      states.add(STATE_ROOT.resolve(containerId(uuid, app) + "." + EventHandler.POST_STOP));
    }
    return new Leftovers(cgroups.directories(uuid, apps), states);
  }
}
