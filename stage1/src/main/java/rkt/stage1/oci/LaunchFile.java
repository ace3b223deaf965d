package rkt.stage1.oci;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.stage1.AppSpec;
import rkt.stage1.JoinedNetwork;
import rkt.stage1.NetMode;
import rkt.stage1.PodSpec;

/**
 * The instructions for {@code rkt-supervisor}: NUL-terminated {@code key=value} strings, those of
 * the pod first, then those of each app after its {@code app=}. The reader is
 * native/supervisor/launch.c.
 */
final class LaunchFile {
  private final LaunchText out = new LaunchText();

  private LaunchFile() {}

  /**
   * @param runtime path of the runtime's binary in the pod's mount namespace
   * @param oomNotes by app, what is said when the kernel killed a process of it for its memory
   */
  static byte[] write(
      PodSpec pod,
      List<AppPlan> apps,
      CgroupTree cgroups,
      Path runtime,
      Path stateRoot,
      Map<String, String> oomNotes) {
    LaunchFile file = new LaunchFile();
    file.pod(pod, cgroups, runtime, stateRoot);
    for (AppPlan app : apps) {
      file.handlerStates(pod, app, stateRoot);
    }
    for (AppPlan app : apps) {
      file.app(pod, cgroups, app.spec().name());
      if (app.service().isPresent()) {
        app.service().get().launch(file.out);
      }
      file.put("oom-note", oomNotes.getOrDefault(app.spec().name(), ""));
      file.handlers(pod, cgroups, app);
    }
    return file.out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void pod(PodSpec pod, CgroupTree cgroups, Path runtime, Path stateRoot) {
    PodPaths paths = new PodPaths(pod.podDir());
    put("version", "1");
    put("uuid", pod.uuid().value());
    put("lockfd", pod.lockFd());
    put("hostname", pod.hostname());
    network(pod);
    put("ipc", pod.hostIpc() ? "host" : "private");
    put("nsdir", paths.namespaces());
    put("runtime", runtime);
    put("runtime-root", stateRoot);
    put("runtime-log", paths.runtimeLog());
    put("pidfile", paths.sandboxPid());
    put("supfile", paths.supervisorPid());
    put("ready", paths.ready());
    put("failure", paths.failure());
    put("grace-ms", pod.graceMillis());
    put("log-max", pod.logs().maxBytes());
    put("log-files", pod.logs().files());
    put("prefix", pod.prefix() ? 1 : 0);
    if (pod.service().isPresent() && pod.service().get().notifySocket().isPresent()) {
      put("notify-socket", pod.service().get().notifySocket().get());
    }
    put("empty", MappedSources.empty(pod, paths.empty()));
    if (pod.users().isPresent()) {
      put("first-id", pod.users().get().first());
      put("ids", pod.users().get().count());
      put("null", MappedSources.NULL);
    }
    for (Path cgroup : cgroups.directories(pod.uuid(), names(pod.apps()))) {
      put("cgroup", cgroup);
    }
    for (Path made : cgroups.parentsToRemove()) {
      put("cgroup-parent", made);
    }
    Optional<Path> control = cgroups.controlLeft();
    if (control.isPresent()) {
      put("subtree-control", control.get());
    }
    if (pod.selinux().isPresent()) {
      put("state", pod.selinux().get().claim()); // goes with the pod, as the runtime's state does
    }
    for (AppSpec app : pod.apps()) {
      put("state", stateRoot.resolve(OciFlavor.containerId(pod.uuid(), app.name())));
    }
  }

  private void network(PodSpec pod) {
    if (pod.network().isEmpty()) {
      put("net", pod.net() == NetMode.HOST ? "host" : "new");
      return;
    }
    JoinedNetwork network = pod.network().get();
    put("net", "path:" + network.namespace());
    if (network.teardown().isPresent()) {
      put("teardown", network.teardown().get());
      put("mountfd", network.hostMounts());
    }
  }

  private void app(PodSpec pod, CgroupTree cgroups, String name) {
    PodPaths paths = new PodPaths(pod.podDir());
    put("app", name);
    put("id", OciFlavor.containerId(pod.uuid(), name));
    put("bundle", paths.bundle(name));
    put("log", paths.log(name));
    put("status", paths.status(name));
    put("exit", paths.exit(name));
    put("pid", paths.appPid(name));
    Optional<Path> oom = cgroups.oomFile(pod.uuid(), name);
    if (oom.isPresent()) {
      put("oom", oom.get());
    }
    put("terminal", pod.interactive() && pod.terminal() ? 1 : 0);
    put("stdin", pod.interactive() ? "inherit" : "null");
  }

  /** The supervisor calls a handler's container as the app's, with a dot and the handler's name. */
  private void handlerStates(PodSpec pod, AppPlan app, Path stateRoot) {
    String id = OciFlavor.containerId(pod.uuid(), app.spec().name());
    for (HandlerPlan handler : app.handlers()) {
      put("state", stateRoot.resolve(id + "." + handler.name()));
    }
  }

  private void handlers(PodSpec pod, CgroupTree cgroups, AppPlan app) {
    if (app.handlers().isEmpty()) {
      return;
    }
    for (HandlerPlan handler : app.handlers()) {
      put(handler.name(), app.spec().bundleDir().resolve(handler.name()));
    }
    Optional<Path> processes = cgroups.processFile(pod.uuid(), app.spec().name());
    if (processes.isPresent()) {
      put("procs", processes.get());
    }
  }

  static List<String> names(List<AppSpec> apps) {
    List<String> names = new java.util.ArrayList<>(apps.size());
    for (AppSpec app : apps) {
      names.add(app.name());
    }
    return names;
  }

  private void put(String key, long value) {
    out.put(key, value);
  }

  private void put(String key, Path value) {
    out.put(key, value);
  }

  private void put(String key, String value) {
    out.put(key, value);
  }
}
