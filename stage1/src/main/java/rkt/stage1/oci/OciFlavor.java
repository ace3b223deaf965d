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
    AppPlanner planner =
        new AppPlanner(
            kernel, cgroups, pod.disabled(), pod.interactive() && pod.terminal(), warnings);
    List<AppPlan> apps = new ArrayList<>(pod.apps().size());
    for (AppSpec app : pod.apps()) {
      AppPlan planned = planner.plan(app);
      AppIds.check(planned, pod.users());
      apps.add(planned);
    }
    MappedSources sources = new MappedSources(kernel, pod);
    PodPaths paths = new PodPaths(pod.podDir());
    Map<Path, List<RootfsStep>> steps = new LinkedHashMap<>();
    for (AppPlan app : apps) {
      steps.put(app.spec().rootfs(), app.steps());
    }
    return new LaunchPlan(
        directories(pod, paths),
        files(pod, paths, apps, sources),
        List.of(new PlannedLink(paths.flavor(), flavor())),
        mounts(pod, paths),
        steps,
        List.of(supervisor.toString(), paths.launch().toString()),
        List.of("PATH=" + AppEnvironment.DEFAULT_PATH),
        warnings,
        sources.plan());
  }

  private static List<Path> directories(PodSpec pod, PodPaths paths) {
    List<Path> directories = new ArrayList<>();
    directories.add(STATE_ROOT);
    directories.add(pod.users().isPresent() ? MappedSources.BASE : paths.empty());
    directories.add(paths.namespaces());
    directories.add(paths.logs());
    directories.add(paths.exits());
    directories.add(paths.etc());
    directories.add(paths.statuses());
    directories.add(paths.environments());
    for (AppSpec app : pod.apps()) {
      directories.add(app.bundleDir());
    }
    if (sharesMemory(pod)) {
      directories.add(paths.shm());
    }
    return directories;
  }

  private List<PlannedFile> files(
      PodSpec pod, PodPaths paths, List<AppPlan> apps, MappedSources sources) {
    List<PlannedFile> files = new ArrayList<>();
    for (String namespace : namespaces(pod)) {
      files.add(text(paths.namespace(namespace), "", 0600));
    }
    files.add(text(paths.hostname(), pod.hostname() + "\n", 0644));
    boolean fallback = false;
    for (AppPlan app : apps) {
      String name = app.spec().name();
      String config = new BundleConfig(kernel, pod, cgroups, runtime, sources).write(app);
      files.add(text(app.spec().bundleDir().resolve("config.json"), config, 0600));
      files.add(text(paths.environment(name), app.environment().file(), 0644));
      fallback |= app.hostsFallback();
    }
    if (fallback) {
      files.add(text(paths.hostsFallback(), hosts(pod.hostname()), 0644));
    }
    if (runtime.isCrun()) {
      files.add(text(paths.runtime(), "", 0755));
    }
    byte[] launch = LaunchFile.write(pod, cgroups, runtimePath(paths), STATE_ROOT);
    files.add(new PlannedFile(paths.launch(), launch, 0600));
    return files;
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
    if (pod.net() == NetMode.NONE) {
      namespaces.add("net");
    }
    if (pod.users().isPresent()) {
      namespaces.add("user");
    }
    return namespaces;
  }

  private static boolean sharesMemory(PodSpec pod) {
    return pod.apps().size() > 1 && !pod.hostIpc();
  }

  private List<PlannedMount> mounts(PodSpec pod, PodPaths paths) {
    List<PlannedMount> mounts = new ArrayList<>();
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
      mounts.add(
          new PlannedMount(
              "shm",
              paths.shm(),
              Optional.of("tmpfs"),
              flags,
              Optional.of("mode=1777,size=65536k")));
    }
    return mounts;
  }

  private static PlannedMount bind(String source, Path target, long flags) {
    return new PlannedMount(source, target, Optional.empty(), flags, Optional.empty());
  }

  private static String hosts(String hostname) {
    return "127.0.0.1 localhost localhost.domain localhost4 localhost4.localdomain4 "
        + hostname
        + "\n"
        + "::1 localhost localhost.domain localhost6 localhost6.localdomain6\n"
        + "fe00::0 ip6-localnet\n"
        + "ff00::0 ip6-mcastprefix\n"
        + "ff02::1 ip6-allnodes\n"
        + "ff02::2 ip6-allrouters\n";
  }

  private static PlannedFile text(Path path, String text, int mode) {
    return new PlannedFile(path, text.getBytes(StandardCharsets.UTF_8), mode);
  }

  @Override
  public EnterPlan enter(EnterRequest request) throws EngineException {
    return new EnterPlanner(kernel).plan(request, STATE_ROOT);
  }

  @Override
  public Leftovers leftovers(PodUuid uuid, List<String> apps) {
    List<Path> states = new ArrayList<>(apps.size());
    for (String app : apps) {
      states.add(STATE_ROOT.resolve(containerId(uuid, app)));
    }
    return new Leftovers(cgroups.directories(uuid, apps), states);
  }
}
