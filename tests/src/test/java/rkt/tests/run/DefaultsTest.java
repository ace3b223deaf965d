package rkt.tests.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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

/** What an app finds around itself, and what it is told when it cannot start. */
class DefaultsTest {
  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Rkt.Result sh(String script, String... buildFlags) {
    return rkt.insecure(
        "run", "--net=none", Images.script(rkt, "app", script, buildFlags).toString());
  }

  /** TestDevPathsStat: the multiplexer of the app's own pseudo-terminals. */
  @Test
  void devices() {
    String out =
        sh("stat -L -c '%n %F %a %u:%g %t:%T' /dev/ptmx /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty; stat -c %F /dev/fd /dev/shm /dev/pts")
            .ok()
            .out();
    assertThat(out.lines())
        .contains(
            "/dev/ptmx character special file 666 0:0 5:2",
            "/dev/null character special file 666 0:0 1:3",
            "/dev/zero character special file 666 0:0 1:5",
            "/dev/full character special file 666 0:0 1:7",
            "/dev/random character special file 666 0:0 1:8",
            "/dev/urandom character special file 666 0:0 1:9",
            "/dev/tty character special file 666 0:0 5:0");
    assertThat(out).endsWith("symbolic link\ndirectory\ndirectory\n");
  }

  /**
   * TestProcPathsStat; the OCI runtimes cover with an empty read-only tmpfs what the ancestor
   * chmodded.
   */
  @Test
  void kernelPathsAreCovered() {
    assertThat(
            sh("test ! -d /sys/firmware || ls -A /sys/firmware | wc -l; test ! -e /proc/kcore || head -c 1 /proc/kcore | wc -c")
                .ok()
                .out()
                .lines())
        .allMatch("0"::equals);
    assertThat(sh("test -d /sys/firmware && touch /sys/firmware/x").exit()).isNotZero();
  }

  /** TestSupplementaryGIDs, from the image; and the flag instead of it. */
  @Test
  void supplementaryGroups() {
    Path aci =
        Images.aci(rkt, "app", List.of("/bin/id", "-G"), "--supplementary-gids=400,500,1200");
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).ok().out())
        .isEqualTo("0 400 500 1200\n");
    assertThat(
            rkt.insecure("run", "--net=none", aci.toString(), "--supplementary-gids=7,8")
                .ok()
                .out())
        .isEqualTo("0 7 8\n");
    assertThat(
            rkt.insecure("run", "--net=none", aci.toString(), "--supplementary-gids=x")
                .exited(254)
                .err())
        .contains("supplementary-gids");
  }

  /** TestEnv: set-env beats a file, a file beats inheritance, the image beats what is inherited. */
  @Test
  void environmentFiles() throws IOException {
    Path file = rkt.home().resolve("env");
    Files.writeString(file, "# Comment\nVAR_OTHER=file\n\n; Comment\nVAR_2=2\n");
    Path aci = Images.script(rkt, "app", "env", "--env=VAR_FROM_MANIFEST=manifest");
    rkt.env("VAR_OTHER", "caller").env("VAR_FROM_MANIFEST", "caller").env("TERM", "caller-term");
    String out =
        rkt.insecure(
                "run",
                "--net=none",
                "--inherit-env",
                "--set-env-file=" + file,
                "--set-env=TERM=dumb",
                aci.toString())
            .ok()
            .out();
    assertThat(out.lines())
        .contains("VAR_OTHER=file", "VAR_2=2", "VAR_FROM_MANIFEST=manifest", "TERM=dumb")
        .noneMatch(String::isBlank);
    out =
        rkt.insecure(
                "run",
                "--net=none",
                "--set-env-file=" + file,
                "--set-env=VAR_OTHER=flag",
                aci.toString())
            .ok()
            .out();
    assertThat(out.lines()).contains("VAR_OTHER=flag", "VAR_2=2");
    assertThat(
            rkt.insecure("run", "--net=none", "--set-env-file=/nowhere", aci.toString())
                .exited(254)
                .err())
        .contains("/nowhere");
    Files.writeString(file, "nonsense\n");
    assertThat(
            rkt.insecure("run", "--net=none", "--set-env-file=" + file, aci.toString())
                .exited(254)
                .err())
        .contains("name=value")
        .contains(file.toString());
  }

  /**
   * TestDiagnostic: plain, with arguments, with a blank in its name; from the image and by the
   * flag.
   */
  @ParameterizedTest
  @ValueSource(strings = {"/bin/not-there", "/bin/with blank", "/not/a/directory"})
  void aMissingBinaryIsNamed(String binary) {
    String said = "Error: Unable to open \"" + binary + "\": No such file or directory";
    Path aci = Images.aci(rkt, "app", List.of(binary, "arg one", "two"));
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).exited(254).err()).contains(said);
    assertThat(rkt.insecure("run", "--net=none", aci.toString(), "--", "more").exited(254).err())
        .contains(said);
    Path good = Images.script(rkt, "good", "true");
    assertThat(
            rkt.insecure("run", "--net=none", good.toString(), "--exec=" + binary, "--", "a", "b")
                .exited(254)
                .err())
        .contains(said);
    assertThat(rkt.pods()).isEmpty();
  }

  @Test
  void aBinaryWithABlankInItsNameRuns() throws IOException {
    Path rootfs = Images.rootfs(rkt.home().resolve("blank"));
    Files.createDirectory(rootfs.resolve("my programs"));
    Files.createSymbolicLink(rootfs.resolve("my programs/echo"), Path.of("/bin/busybox"));
    Path aci =
        Images.aciOf(
            rkt, rootfs, "blank", List.of("/my programs/echo", "a  b", "$HOME", "\"'\\", ""));
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).ok().out())
        .isEqualTo("a  b $HOME \"'\\ \n");
  }

  /** TestRunOverrideExec: a link's own name is what the app sees of itself. */
  @Test
  void argumentZeroIsTheNameGiven() {
    assertThat(
            rkt.insecure(
                    "run",
                    "--net=none",
                    Images.script(rkt, "app", "true").toString(),
                    "--exec=/bin/sh",
                    "--",
                    "-c",
                    "cat /proc/$$/cmdline; true")
                .ok()
                .out())
        .startsWith("/bin/sh\0-c\0");
  }

  /**
   * TestEtcHosts, its row for this version: an image's own file is left alone, else there is one.
   */
  @Test
  void hostsFile() throws IOException {
    assertThat(sh("cat /etc/hosts").ok().out()).contains("127.0.0.1").contains("localhost");
    Path rootfs = Images.rootfs(rkt.home().resolve("hosts"));
    Files.writeString(rootfs.resolve("etc/hosts"), "192.0.2.1 of-the-image\n");
    Path aci = Images.aciOf(rkt, rootfs, "hosts", List.of("/bin/cat", "/etc/hosts"));
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).ok().out())
        .contains("192.0.2.1 of-the-image");
  }

  /** TestDNSParam, its first row: without a flag there is no resolv.conf. */
  @Test
  void noResolvConfByDefault() {
    assertThat(sh("test ! -e /etc/resolv.conf && echo none").ok().out()).isEqualTo("none\n");
  }
}
