package rkt.tests.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** What an app may not do, from the first day on (spec/pods.md 6; spec/wishes.md 3). */
class IsolationTest {
  /**
   * chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot
   * mknod audit_write setfcap.
   */
  private static final String DEFAULT_CAPABILITIES = "00000000a80425fb";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Rkt.Result sh(String script, String... flags) {
    Path aci = Images.script(rkt, "app", script);
    java.util.ArrayList<String> args =
        new java.util.ArrayList<>(List.of("run", "--net=none", aci.toString()));
    args.addAll(List.of(flags));
    return rkt.insecure(args.toArray(String[]::new));
  }

  @Test
  void rootHasTheFourteenDefaultCapabilities() {
    String out = sh("grep -E '^Cap(Bnd|Eff|Prm):' /proc/self/status").ok().out();
    assertThat(out.lines()).hasSize(3).allMatch(line -> line.endsWith(DEFAULT_CAPABILITIES));
  }

  @Test
  void otherUsersGetOnlyTheBoundingSet() {
    String out =
        sh(
                "grep -E '^(Cap(Bnd|Eff|Amb)|NoNewPrivs|Seccomp):' /proc/self/status",
                "--user=9000",
                "--group=9000")
            .ok()
            .out();
    assertThat(out)
        .contains("CapBnd:\t" + DEFAULT_CAPABILITIES)
        .contains("CapEff:\t0000000000000000")
        .contains("CapAmb:\t0000000000000000")
        .contains("NoNewPrivs:\t1");
  }

  @Test
  void seccompFilterIsOn() {
    assertThat(sh("grep ^Seccomp: /proc/self/status").ok().out()).isEqualTo("Seccomp:\t2\n");
    assertThat(sh("mount -t tmpfs none /tmp").exit()).isNotIn(0, 254);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/proc/sysrq-trigger",
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/kernel/modprobe",
        "/proc/sys/vm/panic_on_oom"
      })
  void kernelKnobsAreReadOnly(String path) {
    assumeTrue(Files.exists(Path.of(path)), "this kernel has no " + path);
    Rkt.Result result = sh("echo x > " + path);
    assertThat(result.exit()).isNotIn(0, 254);
    assertThat(result.err()).contains("Read-only file system");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc/kcore", "/proc/kallsyms", "/proc/sched_debug", "/proc/config.gz"})
  void kernelSecretsAreHidden(String path) {
    assumeTrue(Files.exists(Path.of(path)), "this kernel has no " + path);
    assertThat(sh("head -c 1 " + path + " | wc -c").ok().out().strip()).isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/sys/firmware", "/sys/module", "/sys/power", "/sys/hypervisor"})
  void kernelDirectoriesAreHidden(String path) {
    assumeTrue(Files.exists(Path.of(path)), "this kernel has no " + path);
    assertThat(sh("ls " + path + " | wc -l").ok().out().strip()).isEqualTo("0");
  }

  @Test
  void sysIsReadOnly() {
    assertThat(sh("touch /sys/kernel/x").exit()).isNotIn(0, 254);
    assertThat(sh("test -e /sys/class").exit()).isZero();
  }

  @Test
  void cgroupsCannotBeWritten() {
    assertThat(sh("d=/sys/fs/cgroup; test ! -d $d/memory || d=$d/memory; mkdir $d/escape").exit())
        .isNotIn(0, 254);
  }

  @Test
  void onlyHarmlessDevicesExistOrCanBeMade() {
    assertThat(
            sh("for d in null zero full random urandom tty; do test -c /dev/$d || echo missing $d; done; echo x > /dev/null")
                .ok()
                .out())
        .isEmpty();
    assertThat(sh("mknod /tmp/null c 1 3 && echo x > /tmp/null").exit()).isZero();
    assertThat(sh("mknod /tmp/loop-control c 10 237 && cat /tmp/loop-control").exit())
        .isNotIn(0, 254);
    assertThat(sh("mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk").exit()).isNotIn(0, 254);
    assertThat(sh("mknod /tmp/mem c 1 1 && head -c 1 /tmp/mem").exit()).isNotIn(0, 254);
  }

  /**
   * CVE-2019-5736 and wishes.md 3 (#3999): no way to the host's binaries or root through the pod's
   * PID 1.
   */
  @Test
  void pidOneIsOutOfReach() {
    assertThat(sh("ls /proc/1/root/").exit()).isNotIn(0, 254);
    assertThat(sh("readlink /proc/1/exe").exit()).isNotIn(0, 254);
    assertThat(sh("echo x > /proc/1/exe").exit()).isNotIn(0, 254);
    assertThat(sh("readlink /proc/1/fd/*").exit()).isNotIn(0, 254);
    assertThat(sh("cat /proc/1/maps | wc -c").out().strip()).isEqualTo("0");
    assertThat(sh("kill -9 1; echo alive").ok().out()).contains("alive");
  }

  /** CVE-2024-21626, CVE-2016-9962: no descriptor of the host is left open in an app. */
  @Test
  void noDescriptorLeaksIntoTheApp() {
    String out = sh("for f in /proc/self/fd/*; do echo ${f##*/} $(readlink $f); done").ok().out();
    assertThat(
            out.lines()
                .filter(line ->
                    line.contains("/") && !line.contains("/dev/null") && !line.contains("/proc/")))
        .isEmpty();
  }

  /** CVE-2024-21626: a working directory of /proc/self/fd/N must not lead out. */
  @ParameterizedTest
  @ValueSource(
      strings = {"/proc/self/fd/3", "/proc/self/fd/7", "/proc/self/fd/8", "/proc/self/fd/9"})
  void workingDirectoryCannotBeADescriptor(String directory) {
    Rkt.Result result = sh("ls ../../../../etc/debian_version", "--working-dir=" + directory);
    assertThat(result.exit()).isNotZero();
  }

  @Test
  void ownMountNamespaceAndOwnIpc() {
    String here =
        Rkt.exec("readlink", "/proc/self/ns/mnt").out()
            + Rkt.exec("readlink", "/proc/self/ns/ipc").out();
    String there = sh("readlink /proc/self/ns/mnt; readlink /proc/self/ns/ipc").ok().out();
    assertThat(there.lines()).hasSize(2).noneMatch(here::contains);
  }

  /**
   * CVE-2021-30465 and friends: links in the image under the runtime's mount points stay inside the
   * image.
   */
  @Test
  void linksUnderMountPointsDoNotEscape() throws java.io.IOException {
    Path rootfs = Images.rootfs(rkt.home().resolve("linked"));
    Path outside = rkt.home().resolve("outside");
    java.nio.file.Files.createDirectories(outside);
    java.nio.file.Files.createSymbolicLink(rootfs.resolve("proc"), outside);
    java.nio.file.Files.createSymbolicLink(
        rootfs.resolve("sys"), Path.of("../../../../../../../../tmp"));
    Path aci = Images.aciOf(rkt, rootfs, "linked", List.of("/bin/true"));
    rkt.insecure("run", "--net=none", aci.toString());
    assertThat(outside).isEmptyDirectory();
    for (String file : List.of("hostname", "mtab")) {
      Path each = Images.rootfs(rkt.home().resolve("linked-" + file));
      Path victim = outside.resolve(file);
      java.nio.file.Files.writeString(victim, "untouched");
      java.nio.file.Files.createSymbolicLink(each.resolve("etc/" + file), victim);
      Path image = Images.aciOf(rkt, each, "linked-" + file, List.of("/bin/true"));
      rkt.insecure("run", "--net=none", image.toString());
      assertThat(victim).hasContent("untouched");
    }
  }

  /** An /etc/passwd that points at the host's must be read inside the image. */
  @Test
  void usersAreLookedUpInsideTheImage() throws java.io.IOException {
    Path rootfs = Images.rootfs(rkt.home().resolve("pw"));
    java.nio.file.Files.delete(rootfs.resolve("etc/passwd"));
    java.nio.file.Files.createSymbolicLink(
        rootfs.resolve("etc/passwd"), Path.of("/proc/1/root/etc/passwd"));
    Path aci = Images.aciOf(rkt, rootfs, "pw", List.of("/bin/id"));
    assertThat(rkt.insecure("run", "--net=none", aci.toString(), "--user=daemon").exit())
        .isEqualTo(254);
  }

  /** TestPathsWrite, TestProcPathsStat, TestDevPathsStat: also through prepare and run-prepared. */
  @ParameterizedTest
  @ValueSource(strings = {"image", "image,ondisk,capabilities", "all-fetch"})
  void preparedPodsAreProtectedAsWell(String insecure) {
    Path aci =
        Images.script(
            rkt,
            "app",
            "echo x > /proc/sys/kernel/core_pattern; ls /sys/firmware | wc -l; cat /proc/kcore | wc -c;"
                + " stat -L -c '%a %u:%g' /dev/ptmx");
    String option = "--insecure-options=" + insecure;
    String uuid = rkt.run(option, "prepare", "--quiet", aci.toString()).ok().out().strip();
    Rkt.Result result = rkt.run(option, "run-prepared", "--net=none", uuid).ok();
    assertThat(result.err()).contains("Read-only file system");
    assertThat(result.out()).isEqualTo("0\n0\n666 0:0\n");
  }

  /** What an image asks for must not be dropped in silence. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "os/linux/apparmor-profile={\"profile\":\"none-of-that-name\"}",
        "os/linux/selinux-context={\"user\":\"u\",\"role\":\"r\",\"type\":\"t\",\"level\":\"s0\"}"
      })
  void missingSecurityModulesAreAnError(String isolator) {
    assumeTrue(!Files.exists(Path.of("/sys/fs/selinux/enforce")), "this host has SELinux");
    Path aci = Images.script(rkt, "app", "true", "--isolator=" + isolator);
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).exited(254).err())
        .contains("cannot apply isolator " + isolator.substring(0, isolator.indexOf('=')));
  }

  @Test
  void insecureOptionsLiftOneProtectionEach() {
    Path aci = Images.script(rkt, "app", "grep -E '^(CapBnd|Seccomp):' /proc/self/status");
    String[] run = {"run", "--net=none", aci.toString()};
    assertThat(with("image,capabilities", run).out())
        .doesNotContain(DEFAULT_CAPABILITIES)
        .contains("Seccomp:\t2");
    assertThat(with("image,seccomp", run).out())
        .contains(DEFAULT_CAPABILITIES)
        .contains("Seccomp:\t0");
    Path write =
        Images.script(rkt, "paths", "test -w /proc/sys/kernel/core_pattern && echo writable");
    assertThat(with("image,paths", "run", "--net=none", write.toString()).out())
        .contains("writable");
  }

  private Rkt.Result with(String insecure, String... args) {
    String[] all = new String[args.length + 1];
    all[0] = "--insecure-options=" + insecure;
    System.arraycopy(args, 0, all, 1, args.length);
    return rkt.run(all).ok();
  }
}
