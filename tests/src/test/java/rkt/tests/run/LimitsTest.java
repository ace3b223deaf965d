package rkt.tests.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Leftovers;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Runtimes;

/** Limits of apps and pods, read from inside and felt inside. */
class LimitsTest {
  /** {@code value A B}: what the first of these files of the app's cgroups holds, v1 or v2. */
  private static final String VALUE =
      "value() { for f in \"$@\"; do for g in /sys/fs/cgroup/$f; do"
          + " if [ -e $g ]; then cat $g; return; fi; done; done; echo none; }; ";

  private static final String MEMORY = "value memory/memory.limit_in_bytes memory.max; ";
  private static final String SWAP = "value memory/memory.memsw.limit_in_bytes memory.swap.max; ";
  private static final String CPU = "value cpu*/cpu.cfs_quota_us cpu.max; ";
  private static final String PIDS = "value pids/pids.max pids.max; ";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private static void needs(String controller) {
    assumeTrue(
        Files.exists(Path.of("/sys/fs/cgroup/" + controller))
            || Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")),
        "no cgroup controller " + controller);
  }

  private Path image(String script, String... isolators) {
    List<String> args = new ArrayList<>();
    for (String isolator : isolators) {
      args.add("--isolator=" + isolator);
    }
    return Images.script(rkt, "app", VALUE + script, args.toArray(String[]::new));
  }

  private Rkt.Result run(Path image, String... flags) {
    List<String> args = new ArrayList<>(List.of("run", "--net=none"));
    args.add("--uuid-file-save=" + rkt.home().resolve("uuid"));
    args.add(image.toString());
    args.addAll(List.of(flags));
    return rkt.insecure(args.toArray(String[]::new));
  }

  private String uuid() throws IOException {
    return Files.readString(rkt.home().resolve("uuid"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void memoryWithSwap(String runtime) throws IOException {
    needs("memory");
    Runtimes.use(rkt, runtime);
    Path image = image(MEMORY + SWAP, "resource/memory={\"limit\":\"25Mi\"}");
    assertThat(run(image).ok().out()).matches("26214400\n(26214400|0|none)\n");
    assertThat(run(image, "--memory=42Mi").ok().out()).matches("44040192\n(44040192|0|none)\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void cpu(String runtime) throws IOException {
    needs("cpu");
    Runtimes.use(rkt, runtime);
    Path image = image(CPU, "resource/cpu={\"limit\":\"800m\"}");
    assertThat(run(image).ok().out()).matches("80000( 100000)?\n");
    assertThat(run(image, "--cpu=900m").ok().out()).matches("90000( 100000)?\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void cpuShares(String runtime) throws IOException {
    needs("cpu");
    Runtimes.use(rkt, runtime);
    Path image = image("value cpu*/cpu.shares cpu.weight", "os/linux/cpu-shares=512");
    assertThat(run(image).ok().out()).matches("(512|20|59)\n");
    assertThat(run(image, "--cpu-shares=12345").ok().out()).matches("(12345|471|511)\n");
  }

  @Test
  void oomScore() throws IOException {
    String script = "cat /proc/self/oom_score_adj";
    String own = Files.readString(Path.of("/proc/self/oom_score_adj"));
    assertThat(run(image(script)).ok().out()).isEqualTo(own);
    Path image = image(script, "os/linux/oom-score-adj=99");
    assertThat(run(image).ok().out()).isEqualTo("99\n");
    assertThat(run(image, "--oom-score-adj=42").ok().out()).isEqualTo("42\n");
  }

  /** To lower it takes a privilege that not every root has. */
  @Test
  void aLowerOomScore() throws IOException {
    Rkt.Result result = run(image("cat /proc/self/oom_score_adj", "os/linux/oom-score-adj=-50"));
    if (mayExceedLimits()) {
      assertThat(result.ok().out()).isEqualTo("-50\n");
    } else {
      assertThat(result.exited(254).err()).contains("-50 is below rkt's own").contains("use 0");
    }
  }

  private static boolean mayExceedLimits() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("CapEff:")) {
        return (Long.parseUnsignedLong(line.substring(7).strip(), 16) >>> 24 & 1) != 0;
      }
    }
    return false;
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void pids(String runtime) throws IOException {
    needs("pids");
    Runtimes.use(rkt, runtime);
    Path image = image(PIDS + "for i in 1 2 3 4 5 6 7 8 9; do sleep 50 & done");
    Rkt.Result result = run(image, "--pids-limit=7");
    assertThat(result.out()).isEqualTo("7\n");
    assertThat(result.err()).contains("can't fork");
    assertThat(result.exit()).isNotZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void ulimits(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path image =
        image(
            "grep -E 'open files|core file|processes' /proc/self/limits",
            "os/unix/rlimits={\"nofile\":{\"soft\":9},\"nproc\":{\"soft\":5,\"hard\":6}}");
    String out = run(image, "--ulimit=nofile=100:200", "--ulimit=core=0").ok().out();
    assertThat(out.replaceAll(" +", " "))
        .contains("Max open files 100 200")
        .contains("Max core file size 0 0")
        .as("of the image")
        .contains("Max processes 5 6");
  }

  @Test
  void anUlimitBeyondTheKernelsIsRefused() throws IOException {
    Rkt.Result result = run(image("echo started"), "--ulimit=nofile=100:2000000000");
    assertThat(result.exited(254).err())
        .contains("cannot set resource limits of app \"app\"")
        .contains("use at most ");
    assertThat(result.out()).doesNotContain("started");
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void kernelParameters(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    String cat = "cd /proc/sys; cat kernel/shmmax net/core/somaxconn kernel/domainname";
    String before = Files.readString(Path.of("/proc/sys/kernel/shmmax"));
    Rkt.Result result =
        rkt.insecure(
            "run",
            "--net=none",
            "--sysctl=kernel.shmmax=12345",
            "--sysctl=net.core.somaxconn=77",
            "--sysctl=kernel.domainname=example.test",
            Images.script(rkt, "one", cat).toString(),
            Images.script(rkt, "two", cat).toString());
    assertThat(result.ok().out().lines().sorted())
        .containsExactly("12345", "12345", "77", "77", "example.test", "example.test");
    assertThat(Files.readString(Path.of("/proc/sys/kernel/shmmax"))).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "--net=none, vm.swappiness=1, not a pod's own",
    "--net=host, net.core.somaxconn=1, shares its network"
  })
  void kernelParametersOfTheHostAreRefused(String net, String sysctl, String why) {
    Path image = image("echo started");
    Rkt.Result result = rkt.insecure("run", net, "--sysctl=" + sysctl, image.toString());
    assertThat(result.exited(254).err()).contains(why);
    assertThat(result.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "crun, --memory=100Ki, crun needs at least 524288 bytes",
    "runc, --memory=1Mi, runc needs at least 6291456 bytes",
    "crun, --memory=4095, the minimum is 4096 bytes",
    "crun, --cpu=1m, the kernel's minimum is 10m"
  })
  void tooLowToStart(String runtime, String flag, String why) throws IOException {
    needs("memory");
    Runtimes.use(rkt, runtime);
    Rkt.Result result = run(image("echo started"), flag);
    assertThat(result.exited(254).err()).contains("too low").contains(why);
    assertThat(result.out()).isEmpty();
  }

  @Test
  void blockDevices() throws IOException {
    needs("blkio");
    Path image =
        image(
            "value blkio/blkio.throttle.write_bps_device io.max;"
                + " value blkio/blkio.throttle.read_iops_device io.max",
            "resource/block-bandwidth={\"default\":true,\"limit\":\"10M\"}",
            "resource/block-iops={\"default\":true,\"limit\":\"1000\"}",
            "resource/network-bandwidth={\"default\":true,\"limit\":\"1M\"}");
    Rkt.Result result = run(image).ok();
    assertThat(result.err())
        .contains("warning: isolator resource/network-bandwidth of app \"app\" is not enforced");
    assumeFalse(
        result.err().contains("limits of block devices are not enforced"),
        "the pods' data is on no block device");
    assertThat(result.out()).matches("(?s)[0-9]+:[0-9]+ .*10000000.*\n[0-9]+:[0-9]+ .*1000.*\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void anAppOutOfMemory(String runtime) throws IOException {
    needs("memory");
    Runtimes.use(rkt, runtime);
    Path image = image("exec dd if=/dev/zero of=/dev/null bs=80M count=1");
    Rkt.Result result = run(image, "--memory=20Mi").exited(137);
    assertThat(result.err())
        .contains("app app: out of memory: killed by the kernel")
        .contains("its memory limit is 20971520 bytes");
    assertThat(rkt.status(uuid(), "cause-app")).startsWith("oom");
    assertThat(rkt.status(uuid(), "oom-kills-app")).isEqualTo("1");
    assertThat(rkt.run("status", "--format=json", uuid()).ok().out())
        .contains("\"exit_cause\":\"oom\"")
        .contains("\"oom_kills\":1");
  }

  @Test
  void aChildOutOfMemory() throws IOException {
    needs("memory");
    Path image =
        image(
            "for i in 1 2; do dd if=/dev/zero of=/dev/null bs=80M count=1; done 2>/dev/null;"
                + " exit 3");
    Rkt.Result result = run(image, "--memory=20Mi").exited(3);
    assertThat(result.err())
        .contains("app app: out of memory: the kernel killed 2 of its processes");
    assertThat(rkt.status(uuid(), "app-app")).isEqualTo("3");
    assertThat(rkt.status(uuid(), "cause-app")).as("it simply exited").isEmpty();
    assertThat(rkt.status(uuid(), "oom-kills-app")).isEqualTo("2");
  }

  @Test
  void noFalseAlarm() throws IOException {
    Rkt.Result result = run(image("kill -9 $$"), "--memory=20Mi").exited(137);
    assertThat(result.err()).doesNotContain("out of memory");
    assertThat(rkt.run("status", uuid()).ok().out())
        .contains("cause-app=signal (signal 9)")
        .doesNotContain("oom");
  }

  @Test
  void preparedPodsKeepTheirLimits() throws IOException {
    needs("memory");
    Path image =
        image(MEMORY + PIDS + "cat /proc/sys/kernel/msgmax; grep 'open files' /proc/self/limits");
    String uuid =
        rkt.insecure(
                "prepare",
                "--quiet",
                "--sysctl=kernel.msgmax=4096",
                image.toString(),
                "--memory=42Mi",
                "--pids-limit=50",
                "--ulimit=nofile=100")
            .ok()
            .out()
            .strip();
    String out = rkt.insecure("run-prepared", "--net=none", uuid).ok().out();
    assertThat(out.replaceAll(" +", " ")).startsWith("44040192\n50\n4096\nMax open files 100 100");
    assertThat(rkt.run("cat-manifest", uuid).ok().out())
        .contains("resource/pids")
        .contains("os/unix/rlimits")
        .contains("os/unix/sysctl");
  }

  // Pod-level limits.

  private Path podManifest(String isolators, String... scripts) throws IOException {
    StringBuilder apps = new StringBuilder();
    Path image = Images.script(rkt, "pod", "exit 1");
    String id = rkt.insecure("fetch", "--full", image.toString()).ok().out().strip();
    for (int i = 0; i < scripts.length; i++) {
      apps.append(i == 0 ? "" : ",");
      apps.append("{\"name\":\"app").append(i).append("\",\"image\":{\"id\":\"").append(id);
      apps.append("\"},\"app\":{\"user\":\"0\",\"group\":\"0\",\"exec\":[\"/bin/sh\",\"-c\",\"");
      apps.append(scripts[i].replace("\"", "\\\"")).append("\"]}}");
    }
    return Files.writeString(
        rkt.home().resolve("pod.json"),
        "{\"acKind\":\"PodManifest\",\"acVersion\":\"1.0.0\",\"apps\":["
            + apps
            + "],\"isolators\":"
            + isolators
            + "}");
  }

  private Rkt.Running startPod(Path manifest, String... flags) {
    List<String> args = new ArrayList<>(List.of("run", "--net=none", "--pod-manifest=" + manifest));
    args.add("--uuid-file-save=" + rkt.home().resolve("uuid"));
    args.addAll(List.of(flags));
    return rkt.startInsecure(args.toArray(String[]::new));
  }

  /** Waits until so many apps have said {@code up}. */
  private static void awaitUp(Rkt.Running running, int apps) {
    Rkt.waitFor(
        apps + " apps; stderr: " + running.errors(),
        () -> running.output().split("up", -1).length > apps || !running.isAlive());
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void thePodsOwnLimits(String runtime) throws IOException {
    needs("memory");
    Runtimes.use(rkt, runtime);
    Path manifest =
        podManifest(
            """
            [{"name":"resource/memory","value":{"limit":"64Mi"}},
             {"name":"resource/cpu","value":{"limit":"500m"}},
             {"name":"resource/pids","value":{"limit":"50"}},
             {"name":"os/linux/oom-score-adj","value":77}]
            """,
            "cat /proc/self/oom_score_adj; echo up; sleep 60",
            "echo up; sleep 60");
    Rkt.Running running = startPod(manifest);
    awaitUp(running, 2);
    assertThat(running.output()).contains("77");
    assertThat(podFile("memory.limit_in_bytes", "memory.max")).isEqualTo("67108864");
    assertThat(podFile("cpu.cfs_quota_us", "cpu.max")).startsWith("50000");
    assertThat(podFile("pids.max", "pids.max")).isEqualTo("50");
    rkt.run("stop", uuid()).ok();
    running.await().exited(0);
    Leftovers.assertNoneOfPod(uuid());
  }

  private String podFile(String v1, String v2) throws IOException {
    for (Path cgroup : Leftovers.cgroupsOf(uuid())) {
      for (String name : List.of(v1, v2)) {
        Path file = cgroup.resolve(name);
        if (cgroup.endsWith("rkt-" + uuid()) && Files.exists(file)) {
          return Files.readString(file).strip();
        }
      }
    }
    return "none";
  }

  @Test
  void appsTogetherRunOutOfThePodsMemory() throws IOException {
    needs("memory");
    Path manifest =
        podManifest(
            "[{\"name\":\"resource/memory\",\"value\":{\"limit\":\"32Mi\"}}]",
            "exec dd if=/dev/zero of=/dev/null bs=80M count=1");
    Rkt.Running running = startPod(manifest);
    Rkt.Result result = running.await().exited(137);
    assertThat(result.err()).contains("the pod's memory limit is 33554432 bytes");
    Leftovers.assertNoneOfPod(uuid());
  }

  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void aPodInACgroupOfTheUsersChoice(String runtime) throws IOException {
    needs("memory");
    Runtimes.use(rkt, runtime);
    String parent = "/rkt-limits-test-" + ProcessHandle.current().pid();
    Path manifest =
        podManifest(
            "[{\"name\":\"resource/memory\",\"value\":{\"limit\":\"64Mi\"}}]", "echo up; sleep 60");
    Rkt.Running running = startPod(manifest, "--cgroup-parent=" + parent + "/night/");
    awaitUp(running, 1);
    assertThat(Leftovers.cgroupsOf(uuid())).isNotEmpty();
    for (Path cgroup : Leftovers.cgroupsOf(uuid())) {
      assertThat(cgroup.toString()).contains(parent + "/night/rkt-" + uuid());
    }
    assertThat(podFile("memory.limit_in_bytes", "memory.max")).isEqualTo("67108864");
    rkt.run("stop", uuid()).ok();
    running.await().exited(0);
    assertGone(parent);
  }

  @Test
  void gcTakesAwayTheCgroupsOfAKilledPodAndTheirParents() throws IOException {
    needs("memory");
    String parent = "/rkt-limits-test-" + ProcessHandle.current().pid();
    Path manifest =
        podManifest(
            "[{\"name\":\"resource/memory\",\"value\":{\"limit\":\"64Mi\"}}]", "echo up; sleep 60");
    Rkt.Running running = startPod(manifest, "--cgroup-parent=" + parent);
    awaitUp(running, 1);
    running.signal("KILL");
    running.await().exited(137);
    Rkt.waitFor("the end", () -> !rkt.pods().isEmpty() && state().equals("exited"));
    rkt.run("gc", "--grace-period=0s").ok();
    Leftovers.assertNoneOfPod(uuid());
    assertGone(parent);
  }

  private String state() {
    try {
      return rkt.status(uuid(), "state");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertGone(String parent) throws IOException {
    List<Path> tops = new ArrayList<>(List.of(Path.of("/sys/fs/cgroup")));
    try (var children = Files.newDirectoryStream(Path.of("/sys/fs/cgroup"), Files::isDirectory)) {
      children.forEach(tops::add);
    }
    for (Path top : tops) {
      assertThat(Path.of(top + parent)).doesNotExist();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "/a/../..", ""})
  void badCgroupParents(String parent) {
    Rkt.Result result =
        rkt.insecure("run", "--net=none", "--cgroup-parent=" + parent, image("true").toString());
    assertThat(result.exited(254).err()).contains("invalid value for --cgroup-parent");
  }

  /** The app sees its own cgroups, and cannot change them even when it may trace others. */
  @ParameterizedTest
  @ValueSource(strings = {"crun", "runc"})
  void cgroupsCannotBeChanged(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    String script =
        "cd /sys/fs/cgroup; for d in . memory cpu; do [ ! -d $d ] || mkdir $d/escape 2>&1;"
            + " done; ls -d escape memory/escape cpu/escape 2>/dev/null; exit 0";
    String out = run(image(script), "--caps-retain=CAP_SYS_PTRACE").ok().out();
    assertThat(out.lines()).isNotEmpty().allMatch(line -> line.contains("Read-only file system"));
  }
}
