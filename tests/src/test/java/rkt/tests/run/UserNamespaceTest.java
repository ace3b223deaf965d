package rkt.tests.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Runtimes;

/** {@code --private-users}: root in the pod, nobody on the host (docs/user-namespaces.md). */
class UserNamespaceTest {
  private static final Path CLAIMS = Path.of("/run/rkt/ranges");

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Rkt.Result run(Path aci, String... flags) {
    List<String> args = new ArrayList<>(List.of("run", "--net=none", "--private-users"));
    args.add(aci.toString());
    args.addAll(List.of(flags));
    return rkt.insecure(args.toArray(String[]::new));
  }

  private Rkt.Result sh(String script, String... flags) {
    return run(Images.script(rkt, "app", script), flags);
  }

  private Path podDir(String uuid) throws IOException {
    try (Stream<Path> dirs = Files.list(rkt.data().resolve("pods"))) {
      return dirs.map(dir -> dir.resolve(uuid)).filter(Files::exists).findFirst().orElseThrow();
    }
  }

  private long shift(String uuid) throws IOException {
    String text = Files.readString(podDir(uuid).resolve("private-users-prepared"));
    assertThat(text).matches("[0-9]+:65536");
    return Long.parseLong(text.substring(0, text.indexOf(':')));
  }

  private static String status(String pid, String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", pid.strip(), "status"))) {
      if (line.startsWith(field + ":")) {
        return line.substring(field.length() + 1).strip();
      }
    }
    return "";
  }

  /** The pod of a command that runs it, as soon as its app says so. */
  private String running(Rkt.Running pod, String word) {
    Rkt.waitFor("the app to say " + word, () -> pod.output().contains(word) || !pod.isAlive());
    assertThat(pod.output()).as(pod.errors()).contains(word);
    return rkt.pods().getFirst();
  }

  private static String owner(Path path) {
    return Rkt.exec("stat", "-c", "%u:%g", path.toString()).ok().out().strip();
  }

  @ParameterizedTest
  @CsvSource({"crun,none", "crun,host", "runc,none", "runc,host"})
  void rootInThePodIsNobodyOnTheHost(String runtime, String net) throws IOException {
    Runtimes.use(rkt, runtime);
    Path aci =
        Images.script(
            rkt,
            "app",
            "cat /proc/self/uid_map /proc/self/gid_map; id -u; id -g; cat /proc/self/setgroups;"
                + " grep -c : /proc/net/dev; echo x > /dev/null; echo hi > /dev/stdout; ls /sys/class;"
                + " touch /sys/kernel/x; echo ready; sleep 1000");
    Rkt.Running pod = rkt.startInsecure("run", "--net=" + net, "--private-users", aci.toString());
    String uuid = running(pod, "ready");
    long shift = shift(uuid);
    assertThat(shift).isBetween(1L << 16, 0x7fffL << 16);
    assertThat(shift % 65536).isZero();
    List<String> lines = pod.output().lines().map(String::strip).toList();
    assertThat(lines.get(0).split(" +")).containsExactly("0", "" + shift, "65536");
    assertThat(lines.get(1).split(" +")).containsExactly("0", "" + shift, "65536");
    assertThat(lines).contains("0", "allow", "hi", "net");
    assertThat(pod.errors()).contains("Read-only file system");

    String ids = shift + "\t" + shift + "\t" + shift + "\t" + shift;
    String app = Files.readString(podDir(uuid).resolve("exit/app.pid"));
    String sandbox = Files.readString(podDir(uuid).resolve("pid"));
    for (String pid : List.of(app, sandbox)) {
      assertThat(status(pid, "Uid")).isEqualTo(ids);
      assertThat(status(pid, "Gid")).isEqualTo(ids);
      assertThat(Files.readSymbolicLink(Path.of("/proc", pid.strip(), "ns/user")))
          .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/user")));
    }
    rkt.run("stop", uuid).ok();
    pod.await();
  }

  /** TestUserns. PID 1 is out of reach in every pod: IsolationTest#pidOneIsOutOfReach. */
  @ParameterizedTest
  @ValueSource(strings = {"", "--no-overlay"})
  void rootOfThePodBelongsToRoot(String flag) {
    Path aci = Images.script(rkt, "app", "stat -c '%A %u %g' / /etc/passwd; ls /proc/1/root/");
    String[] all =
        Stream.of("run", "--net=none", "--private-users", flag, aci.toString())
            .filter(arg -> !arg.isEmpty())
            .toArray(String[]::new);
    Rkt.Result run = rkt.insecure(all).exited(1);
    assertThat(run.out()).isEqualTo("drwxr-xr-x 0 0\n-rw-r--r-- 0 0\n");
    assertThat(run.err()).contains("/proc/1/root/: Permission denied");
    all[0] = "prepare";
    all[1] = "--quiet";
    String uuid = rkt.insecure(all).ok().out().strip();
    Rkt.Result prepared = rkt.run("run-prepared", "--net=none", uuid).exited(1);
    assertThat(prepared.out()).isEqualTo("drwxr-xr-x 0 0\n-rw-r--r-- 0 0\n");
  }

  /** TestAppUserGroup with {@code --private-users --no-overlay}. */
  @ParameterizedTest
  @CsvSource({"crun,", "crun,--no-overlay", "runc,", "runc,--no-overlay"})
  void usersAndGroupsAreThoseOfTheImage(String runtime, String overlay) throws IOException {
    Runtimes.use(rkt, runtime);
    Path rootfs = Images.rootfs(rkt.home().resolve("owned"));
    Files.writeString(rootfs.resolve("mine"), "x");
    Rkt.exec("chown", "1234:4321", rootfs.resolve("mine").toString()).ok();
    String script = "echo $(id -u) $(id -g) $(stat -c %u:%g /mine); echo ok > /dev/stdout";
    Path one =
        Images.aciOf(
            rkt, rootfs, "one", List.of("/bin/sh", "-c", script), "--user=1000", "--group=100");
    Path two = Images.aciOf(rkt, rootfs, "two", List.of("/bin/sh", "-c", script));
    List<String> args = new ArrayList<>(List.of("run", "--net=none", "--private-users"));
    if (overlay != null) {
      args.add(overlay);
    }
    args.addAll(List.of(one.toString(), two.toString(), "--user=user1", "--group=group1"));
    args.addAll(List.of(two.toString(), "--name=three", "--user=/mine", "--group=/mine"));
    args.addAll(List.of(two.toString(), "--name=four", "--user=root", "--group=17"));
    Rkt.Result result = rkt.insecure(args.toArray(String[]::new)).ok();
    assertThat(result.out().lines())
        .containsExactlyInAnyOrder(
            "1000 100 1234:4321",
            "1000 100 1234:4321",
            "1234 4321 1234:4321",
            "0 17 1234:4321",
            "ok",
            "ok",
            "ok",
            "ok");
  }

  @Test
  void filesAreStoredUnshifted() throws IOException {
    sh("touch /made; mkdir /dir; touch /dir/in; chown() { busybox chown $@; }; chown 5:6 /made")
        .ok();
    Path overlay = podDir(rkt.pods().getFirst()).resolve("overlay");
    try (Stream<Path> files = Files.walk(overlay)) {
      List<Path> all = files.toList();
      assertThat(all).anyMatch(path -> path.endsWith("app/made"));
      for (Path path : all) {
        assertThat(owner(path)).isEqualTo(path.endsWith("app/made") ? "5:6" : "0:0");
      }
    }
    // And what the image has is neither copied nor changed.
    assertThat(rkt.run("image", "verify", "example.com/app").exit()).isZero();
  }

  private Path manifest(String app, String volumes) throws IOException {
    Path aci = Images.script(rkt, "vol", "true");
    String id = rkt.insecure("fetch", aci.toString()).ok().out().strip();
    Path file = rkt.home().resolve("pod.json");
    Files.writeString(
        file,
        "{\"acVersion\":\"0.8.11\",\"acKind\":\"PodManifest\",\"apps\":[{\"name\":\"a\",\"image\":{\"id\":\""
            + id
            + "\"},"
            + app
            + "}],\"volumes\":["
            + volumes
            + "]}");
    return file;
  }

  private Rkt.Result runManifest(String insecure, Path file) {
    return rkt.run(
        "--insecure-options=" + insecure,
        "run",
        "--net=none",
        "--private-users",
        "--pod-manifest=" + file);
  }

  private static String app(String script, String isolators) {
    return "\"app\":{\"exec\":[\"/bin/sh\",\"-c\",\""
        + script
        + "\"],\"user\":\"0\",\"group\":\"0\",\"isolators\":["
        + isolators
        + "]},\"mounts\":[{\"volume\":\"v\",\"path\":\"/v\"},{\"volume\":\"r\",\"path\":\"/r\"},{\"volume\":\"e\",\"path\":\"/e\"}]";
  }

  private String volumes(Path host) {
    return "{\"name\":\"v\",\"kind\":\"host\",\"source\":\""
        + host
        + "\"},{\"name\":\"r\",\"kind\":\"host\",\"readOnly\":true,\"source\":\""
        + host
        + "\"},{\"name\":\"e\",\"kind\":\"empty\",\"uid\":1000,\"gid\":5,\"mode\":\"0770\"}";
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void volumesHaveTheOwnersOfTheHost(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path host = Files.createDirectory(rkt.home().resolve("host"));
    Files.writeString(host.resolve("mine"), "mine");
    Files.writeString(host.resolve("foreign"), "secret");
    Rkt.exec("chown", "1000:100", host.resolve("mine").toString()).ok();
    Rkt.exec("chown", "70000:70000", host.resolve("foreign").toString()).ok();
    Rkt.exec("chmod", "600", host.resolve("foreign").toString()).ok();
    String script =
        "stat -c '%n %u:%g %a' /v/mine /v/foreign /e; touch /v/made /e/made; touch /r/made; cat /v/foreign;"
            + " busybox chown 0:0 /v/foreign";
    Rkt.Result result = runManifest("image", manifest(app(script, ""), volumes(host))).exited(1);
    assertThat(result.out())
        .isEqualTo("/v/mine 1000:100 644\n/v/foreign 65534:65534 600\n/e 1000:5 770\n");
    assertThat(result.err())
        .contains("/r/made: Read-only file system")
        .contains("/v/foreign': Permission denied")
        .contains("/v/foreign: ");
    assertThat(owner(host.resolve("made"))).isEqualTo("0:0");
    assertThat(owner(host.resolve("foreign"))).isEqualTo("70000:70000");
    Path empty = podDir(rkt.pods().getFirst()).resolve("sharedVolumes/e");
    assertThat(owner(empty)).isEqualTo("1000:5");
    assertThat(owner(empty.resolve("made"))).isEqualTo("0:0");
  }

  /**
   * With capabilities that an image's isolators can ask for. Volumes come from outside of the
   * namespace, so read-only is for good.
   */
  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void powerfulAppsStayInTheirNamespace(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path host = Files.createDirectory(rkt.home().resolve("host"));
    String isolator =
        "{\"name\":\"os/linux/capabilities-retain-set\",\"value\":{\"set\":[\"CAP_SYS_ADMIN\",\"CAP_SYS_PTRACE\"]}}";
    String script =
        "mount -o remount,bind,rw /r && echo remounted; umount /r && echo unmounted; touch /r/x;"
            + " ls /proc/1/root/ && echo reached; mount -t tmpfs t /tmp && echo may-mount";
    Rkt.Result result =
        runManifest("image,seccomp", manifest(app(script, isolator), volumes(host)));
    assertThat(result.out()).contains("may-mount").doesNotContain("reached");
    assertThat(result.out()).doesNotContain("remounted").doesNotContain("unmounted");
    assertThat(host).isEmptyDirectory();
  }

  /** Some file systems can be mapped and others not; none is left out. */
  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void mountsBelowAVolumeComeAlong(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path host = Files.createDirectory(rkt.home().resolve("host"));
    for (String name : List.of("tmp", "proc")) {
      Files.createDirectory(host.resolve(name));
    }
    String script =
        "stat -c %u:%g /v/tmp/f /v/tmp/sub/f /v/proc/version; touch /v/tmp/made /v/tmp/sub/made;"
            + " for d in tmp tmp/sub; do touch /r/$d/made && echo written; done; false";
    Path file = manifest(app(script, ""), volumes(host));
    String prepare =
        "mount -t tmpfs t "
            + host
            + "/tmp && mount -t proc p "
            + host
            + "/proc && echo > "
            + host
            + "/tmp/f && chown 1000:100 "
            + host
            + "/tmp/f && mkdir "
            + host
            + "/tmp/sub && mount -t tmpfs t "
            + host
            + "/tmp/sub && echo > "
            + host
            + "/tmp/sub/f && chown 7:8 "
            + host
            + "/tmp/sub/f && exec \"$@\"";
    List<String> command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", prepare, "x"));
    command.addAll(
        rkt.command(
            "--insecure-options=image",
            "run",
            "--net=none",
            "--private-users",
            "--pod-manifest=" + file));
    Rkt.Result result = Rkt.exec(command.toArray(String[]::new)).exited(1);
    assertThat(result.out()).isEqualTo("1000:100\n7:8\n65534:65534\n");
    assertThat(result.err())
        .contains("the owners of " + host + "/proc cannot be mapped")
        .contains("/r/tmp/made: Read-only file system")
        .contains("/r/tmp/sub/made: Read-only file system")
        .doesNotContain("/v/tmp/");
  }

  /** Each is mapped by itself, and found in the one it lies in. */
  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void volumesInVolumesInVolumes(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    List<String> names = List.of("one", "two", "three");
    List<String> volumes = new ArrayList<>();
    List<String> mounts = new ArrayList<>();
    String place = "";
    for (String name : names) {
      Path host = Files.createDirectory(rkt.home().resolve(name));
      Files.writeString(host.resolve("file"), name);
      Rkt.exec("chown", "1000:100", host.resolve("file").toString()).ok();
      place += "/" + name;
      volumes.add("{\"name\":\"%s\",\"kind\":\"host\",\"source\":\"%s\"}".formatted(name, host));
      mounts.add("{\"volume\":\"%s\",\"path\":\"%s\"}".formatted(name, place));
    }
    String script =
        "for d in /one /one/two /one/two/three; do cat $d/file; stat -c ' %u:%g' $d/file;"
            + " echo by-app > $d/made; done";
    String app =
        "\"app\":{\"exec\":[\"/bin/sh\",\"-c\",\"%s\"],\"user\":\"0\",\"group\":\"0\"},\"mounts\":[%s]"
            .formatted(script, String.join(",", mounts));
    Rkt.Result result = runManifest("image", manifest(app, String.join(",", volumes))).ok();
    assertThat(result.out()).isEqualTo("one 1000:100\ntwo 1000:100\nthree 1000:100\n");
    for (String name : names) {
      Path made = rkt.home().resolve(name).resolve("made");
      assertThat(made).hasContent("by-app");
      assertThat(owner(made)).isEqualTo("0:0");
    }
  }

  /** Root of the pod's namespace like the app's root, whoever the app is. */
  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void eventHandlersAreInTheNamespace(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    String exec = "{\"name\":\"%s\",\"exec\":[\"/bin/sh\",\"-c\",\"%s\"]}";
    String app =
        "\"app\":{\"exec\":[\"/bin/sh\",\"-c\",\"cat /tmp/pre; id -u; rm -f /made\"],"
            + "\"user\":\"1000\",\"group\":\"100\",\"eventHandlers\":["
            + exec.formatted(
                "pre-start", "cat /proc/self/uid_map > /tmp/pre; id -u >> /tmp/pre; touch /made")
            + ","
            + exec.formatted("post-stop", "stat -c %u:%g /made; id -u; cat /proc/self/uid_map")
            + "]}";
    Rkt.Result result = runManifest("image", manifest(app, "")).exited(1);
    String map = "0 " + shift(rkt.pods().getFirst()) + " 65536";
    assertThat(result.out().lines().map(line -> line.strip().replaceAll(" +", " ")))
        .containsExactly(map, "0", "1000", "0:0", "0", map);
    assertThat(result.err()).contains("/made': Permission denied");
  }

  /**
   * crun gives the standard streams it is started with to the app's user, which must be files of
   * the pod alone: with the host's /dev/null its mode would be the app's to change.
   */
  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void filesOfTheHostDoNotBecomeTheAppsThroughStandardInput(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path input = rkt.home().resolve("input");
    Files.writeString(input, "line\n".repeat(50_000));
    Path aci = Images.script(rkt, "app", "wc -c; chmod 0 /dev/null");
    List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" < " + input, "x"));
    command.addAll(
        rkt.command(
            "--insecure-options=image",
            "run",
            "--net=none",
            "--private-users",
            "--interactive",
            aci.toString()));
    assertThat(Rkt.exec(command.toArray(String[]::new)).out().strip()).isEqualTo("250000");
    assertThat(owner(input)).isEqualTo("0:0");
    String before = Rkt.exec("stat", "-c", "%u:%g %a", "/dev/null").out();
    assertThat(run(aci).out().strip()).isEqualTo("0");
    assertThat(Rkt.exec("stat", "-c", "%u:%g %a", "/dev/null").out()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void enterJoinsAndAppsShareTheirMemory(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path one = Images.script(rkt, "one", "echo ready; touch /dev/shm/one; sleep 1000");
    Path two = Images.script(rkt, "two", "sleep 1000");
    Rkt.Running pod =
        rkt.startInsecure("run", "--net=none", "--private-users", one.toString(), two.toString());
    String uuid = running(pod, "ready");
    Rkt.Result entered =
        rkt.run(
                "enter",
                "--app=two",
                uuid,
                "/bin/sh",
                "-c",
                "cat /proc/self/uid_map; until test -e /dev/shm/one; do sleep 0.1; done; stat -c %u /dev/shm/one; touch /new && stat -c %u /new; id -u")
            .ok();
    List<String> lines = entered.out().lines().map(String::strip).toList();
    assertThat(lines.getFirst().split(" +")).containsExactly("0", "" + shift(uuid), "65536");
    assertThat(lines.subList(1, lines.size())).containsExactly("0", "0", "0");
    rkt.run("stop", uuid).ok();
    pod.await();
    rkt.run("rm", uuid).ok();
    assertThat(claimsOf(uuid)).isEmpty();
  }

  /** Without the app's restrictions, but root of the pod's namespace and not of the host. */
  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void enteringPrivilegedStaysInTheNamespace(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path aci = Images.script(rkt, "app", "echo ready; sleep 1000");
    Rkt.Running pod = rkt.startInsecure("run", "--net=none", "--private-users", aci.toString());
    String uuid = running(pod, "ready");
    String script =
        "cat /proc/self/uid_map; readlink /proc/self/ns/user; id -u; touch /new; stat -c %u /new;"
            + " grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status;"
            + " mount -t tmpfs t /tmp && echo may-mount; mknod /null c 1 3 || echo no-device";
    Rkt.Result entered = rkt.run("enter", "--privileged", uuid, "/bin/sh", "-c", script).ok();
    String app = Files.readString(podDir(uuid).resolve("exit/app.pid")).strip();
    assertThat(entered.out().lines().map(line -> line.strip().replaceAll("\\s+", " ")))
        .containsExactly(
            "0 " + shift(uuid) + " 65536",
            Files.readSymbolicLink(Path.of("/proc", app, "ns/user")).toString(),
            "0",
            "0",
            "NoNewPrivs: 0",
            "Seccomp: 0",
            "may-mount",
            "no-device");
    assertThat(entered.err()).contains("warning: entering app \"app\" with all capabilities");
    rkt.run("stop", uuid).ok();
    pod.await();
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void aTerminalIsTheAppsOwn(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path aci = Images.script(rkt, "app", "stat -c %u:%g $(tty); echo y > /dev/tty; stty size");
    List<String> command =
        new ArrayList<>(
            List.of(
                "python3",
                Rkt.ROOT.resolve("tests/src/test/resources/terminal.py").toString(),
                "40",
                "100",
                "--"));
    command.addAll(
        rkt.command(
            "--insecure-options=image",
            "run",
            "--net=none",
            "--private-users",
            "--interactive",
            aci.toString()));
    assertThat(Rkt.exec(command.toArray(String[]::new)).ok().out()).contains("0:5", "y", "40 100");
  }

  @Test
  void usersThatTheNamespaceLacksAreRefused() {
    for (String flag : List.of("--user=65536", "--group=70000")) {
      Rkt.Result result = sh("true", flag).exited(254);
      assertThat(result.err())
          .contains("cannot start app \"app\"")
          .contains(flag.substring(flag.indexOf('=') + 1))
          .contains("has the IDs 0 to 65535");
    }
    assertThat(sh("id -u", "--user=65535").ok().out()).isEqualTo("65535\n");
    assertThat(rkt.pods()).hasSize(1);
  }

  @Test
  void withoutUserNamespacesItSaysSoAndLeavesNothing() {
    Path aci = Images.script(rkt, "app", "true");
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "--user",
                "--map-root-user",
                "sh",
                "-c",
                "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"",
                "x"));
    command.addAll(
        rkt.command(
            "--insecure-options=image", "run", "--net=none", "--private-users", aci.toString()));
    Rkt.Result result = Rkt.exec(command.toArray(String[]::new)).exited(254);
    assertThat(result.err())
        .contains(
            "--private-users is not supported, kernel compiled without user namespace support")
        .contains("user.max_user_namespaces");
    assertThat(rkt.data().resolve("pods")).doesNotExist();
  }

  /** Where owners cannot be mapped: an overlay itself cannot. */
  @Test
  void withoutMappedMountsOwnersAreChanged() throws IOException {
    Path aci =
        Images.script(
            rkt,
            "app",
            "stat -c %u:%g / /bin/busybox /etc/hostname /dir1/file; echo > /made; id -u");
    Path base = Files.createDirectory(rkt.home().resolve("base"));
    for (String name : List.of("lower", "upper", "work", "merged")) {
      Files.createDirectory(base.resolve(name));
    }
    String script =
        "cd "
            + base
            + " && mount -t overlay o -o lowerdir=lower,upperdir=upper,workdir=work merged && shift && \"$@\";"
            + " code=$?; stat -c %n=%u merged/data/pods/run/*/stage1/rootfs/opt/stage2/app/rootfs/made merged/data/pods/run/*/private-users-*;"
            + " cat merged/data/pods/run/*/private-users-prepared;"
            + " \"$1\" --dir="
            + base
            + "/merged/data gc --grace-period=0s >&2; exit $code";
    List<String> rktCommand =
        rkt.command(
            "--insecure-options=image", "run", "--net=none", "--private-users", aci.toString());
    rktCommand.set(1, "--dir=" + base.resolve("merged/data"));
    List<String> command =
        new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", script, "x", "y"));
    command.addAll(rktCommand);
    Rkt.Result result = Rkt.exec(command.toArray(String[]::new)).ok();
    assertThat(result.out())
        .startsWith("0:0\n0:0\n0:0\n0:0\n0\n")
        .contains("private-users-chowned");
    String range = result.out().substring(result.out().lastIndexOf('\n') + 1);
    assertThat(result.out()).contains("made=" + range.substring(0, range.indexOf(':')));
    assertThat(result.err()).contains("changing the owners instead");
  }

  private static List<Path> claimsOf(String word) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> all = Files.list(CLAIMS)) {
      for (Path each : all.filter(Files::isSymbolicLink).toList()) {
        if (Files.readSymbolicLink(each).toString().contains(word)) {
          found.add(each);
        }
      }
    }
    return found;
  }

  @Test
  void podsThatStartTogetherHaveDifferentRanges() throws IOException {
    Path aci = Images.script(rkt, "app", "echo ready; sleep 1000");
    rkt.insecure("fetch", aci.toString()).ok();
    List<Rkt.Running> pods = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      pods.add(rkt.startInsecure("run", "--net=none", "--private-users", aci.toString()));
    }
    for (Rkt.Running pod : pods) {
      running(pod, "ready");
    }
    List<Long> shifts = new ArrayList<>();
    for (String uuid : rkt.pods()) {
      shifts.add(shift(uuid));
      assertThat(claimsOf(uuid)).containsExactly(CLAIMS.resolve(Long.toString(shift(uuid) >> 16)));
    }
    assertThat(shifts).hasSize(8).doesNotHaveDuplicates();
    for (Rkt.Running pod : pods) {
      pod.signal("KILL");
      pod.await();
    }
    rkt.run("gc", "--grace-period=0s").ok();
    assertThat(claimsOf(rkt.home().toString())).isEmpty();
  }

  /** As after a reboot, when /run is empty. */
  @Test
  void aPreparedPodClaimsItsRangeAgain() throws IOException {
    Path aci = Images.script(rkt, "app", "cat /proc/self/uid_map");
    String uuid = rkt.insecure("prepare", "--private-users", aci.toString()).ok().out().strip();
    long first = shift(uuid);
    Path claim = claimsOf(uuid).getFirst();
    Path target = Files.readSymbolicLink(claim);
    Files.delete(claim);
    String other = rkt.insecure("prepare", "--private-users", aci.toString()).ok().out().strip();
    // Meanwhile another pod got it.
    Files.createSymbolicLink(claim, target.resolveSibling(other));
    assertThat(rkt.run("run-prepared", "--net=none", uuid).ok().out())
        .contains(Long.toString(shift(uuid)));
    assertThat(shift(uuid)).isNotEqualTo(first);
    assertThat(claimsOf(uuid)).hasSize(1);
    rkt.run("rm", uuid).ok();
    rkt.run("rm", other).ok();
    assertThat(claimsOf(rkt.home().toString())).isEmpty();
  }

  @Test
  void emptyVolumesOfDockerImagesAreFilled() throws IOException {
    Path rootfs = Images.rootfs(rkt.home().resolve("filled"));
    Rkt.exec("chown", "1000:100", rootfs.resolve("dir1/file").toString()).ok();
    Path aci =
        Images.aciOf(
            rkt,
            rootfs,
            "filled",
            List.of(
                "/bin/sh",
                "-c",
                "stat -c %u:%g /dir1/file; touch /dir1/new; stat -c %u:%g /dir1/new"),
            "--mount=data:/dir1",
            "--annotation=appc.io/docker/imageid=1");
    assertThat(run(aci).ok().out()).isEqualTo("1000:100\n0:0\n");
  }
}
