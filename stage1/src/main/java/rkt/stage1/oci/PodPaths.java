package rkt.stage1.oci;

import java.nio.file.Path;

/** Names in the pod directory that this flavor, the supervisor and the life cycle agree on. */
record PodPaths(Path pod) {
  Path launch() {
    return pod.resolve("launch");
  }

  Path runtimeLog() {
    return pod.resolve("runtime.log");
  }

  /** The runtime's binary, bound read-only. */
  Path runtime() {
    return pod.resolve("crun");
  }

  Path sandboxPid() {
    return pod.resolve("pid");
  }

  Path supervisorPid() {
    return pod.resolve("supervisor-pid");
  }

  Path failure() {
    return pod.resolve("failure");
  }

  Path flavor() {
    return pod.resolve("flavor");
  }

  /** Shared memory of all apps, when there are several. */
  Path shm() {
    return pod.resolve("shm");
  }

  Path empty() {
    return pod.resolve("empty");
  }

  Path namespaces() {
    return pod.resolve("ns");
  }

  Path namespace(String type) {
    return namespaces().resolve(type);
  }

  Path logs() {
    return pod.resolve("logs");
  }

  Path log(String app) {
    return logs().resolve(app + ".log");
  }

  Path exits() {
    return pod.resolve("exit");
  }

  Path exit(String app) {
    return exits().resolve(app + ".json");
  }

  Path appPid(String app) {
    return exits().resolve(app + ".pid");
  }

  private Path stage1() {
    return pod.resolve("stage1/rootfs");
  }

  Path etc() {
    return stage1().resolve("etc");
  }

  Path hostname() {
    return etc().resolve("hostname");
  }

  Path hostsFallback() {
    return etc().resolve("hosts-fallback");
  }

  Path hosts() {
    return etc().resolve("rkt-hosts");
  }

  Path resolvConf() {
    return etc().resolve("rkt-resolv.conf");
  }

  Path statuses() {
    return stage1().resolve("rkt/status");
  }

  Path status(String app) {
    return statuses().resolve(app);
  }

  Path environments() {
    return stage1().resolve("rkt/env");
  }

  Path environment(String app) {
    return environments().resolve(app);
  }

  /** What an app that says when it is ready finds its socket in. */
  Path notifyDir(String app) {
    return stage1().resolve("rkt/notify").resolve(app);
  }

  Path ready() {
    return stage1().resolve("rkt/supervisor-status");
  }

  Path bundle(String app) {
    return stage1().resolve("opt/stage2").resolve(app);
  }

  Path config(String app) {
    return bundle(app).resolve("config.json");
  }

  /** A file of {@code enter}; one name per entering process. */
  Path enter(String app, int pid, String suffix) {
    return bundle(app).resolve("enter-" + pid + suffix);
  }
}
