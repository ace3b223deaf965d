package rkt.stage1.oci;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.stage1.AppSpec;
import rkt.stage1.NetMode;
import rkt.stage1.PodSpec;

/**
 * The instructions for {@code rkt-supervisor}: NUL-terminated {@code key=value} strings, those of
 * the pod first, then those of each app after its {@code app=}. The reader is
 * native/supervisor/launch.c.
 */
final class LaunchFile {
  private final StringBuilder out = new StringBuilder(4096);

  private LaunchFile() {}

  /**
   * @param runtime path of the runtime's binary in the pod's mount namespace
   */
  static byte[] write(PodSpec pod, CgroupTree cgroups, Path runtime, Path stateRoot) {
    LaunchFile file = new LaunchFile();
    file.pod(pod, cgroups, runtime, stateRoot);
    for (AppSpec app : pod.apps()) {
      file.app(pod, cgroups, app.name());
    }
    return file.out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void pod(PodSpec pod, CgroupTree cgroups, Path runtime, Path stateRoot) {
    PodPaths paths = new PodPaths(pod.podDir());
    put("version", "1");
    put("uuid", pod.uuid().value());
    put("lockfd", pod.lockFd());
    put("hostname", pod.hostname());
    put("net", pod.net() == NetMode.HOST ? "host" : "new");
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
    put("interactive", pod.interactive() ? 1 : 0);
    put("empty", MappedSources.empty(pod, paths.empty()));
    if (pod.users().isPresent()) {
      put("first-id", pod.users().get().first());
      put("ids", pod.users().get().count());
      put("null", MappedSources.NULL);
    }
    for (Path cgroup : cgroups.directories(pod.uuid(), names(pod.apps()))) {
      put("cgroup", cgroup);
    }
    Optional<Path> control = cgroups.controlLeft();
    if (control.isPresent()) {
      put("subtree-control", control.get());
    }
    for (AppSpec app : pod.apps()) {
      put("state", stateRoot.resolve(OciFlavor.containerId(pod.uuid(), app.name())));
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

  static List<String> names(List<AppSpec> apps) {
    List<String> names = new java.util.ArrayList<>(apps.size());
    for (AppSpec app : apps) {
      names.add(app.name());
    }
    return names;
  }

  private void put(String key, long value) {
    put(key, Long.toString(value));
  }

  private void put(String key, Path value) {
    put(key, value.toString());
  }

  private void put(String key, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(key + " contains a NUL character");
    }
    out.append(key).append('=').append(value).append('\0');
  }
}
