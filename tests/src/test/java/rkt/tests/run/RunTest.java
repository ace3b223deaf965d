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
import rkt.tests.harness.Leftovers;
import rkt.tests.harness.Rkt;

/**
 * What `rkt run` does with one image and its flags (spec/tests.md 1 and 4: the rows of this
 * version).
 */
class RunTest {
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
    String[] args = new String[flags.length + 2];
    args[0] = "run";
    System.arraycopy(flags, 0, args, 1, flags.length);
    args[flags.length + 1] = aci.toString();
    return rkt.insecure(args);
  }

  @Test
  void printsWhatTheAppPrintsAndNothingElse() {
    Rkt.Result result = sh("echo to-stdout; echo to-stderr >&2", "--net=host").ok();
    assertThat(result.out()).isEqualTo("to-stdout\n");
    assertThat(result.err().lines().filter(line -> !line.contains("warning:")))
        .containsExactly("to-stderr");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 77})
  void exitCodeOfTheAppIsTheExitCodeOfRkt(int code) {
    sh("exit " + code, "--net=none").exited(code);
    String uuid = rkt.pods().getFirst();
    assertThat(rkt.status(uuid, "app-app")).isEqualTo(Integer.toString(code));
    assertThat(rkt.status(uuid, "state")).isEqualTo("exited");
    Leftovers.assertNoneOfPod(uuid);
  }

  @Test
  void deathBySignalIs128PlusItsNumber() {
    sh("kill -SEGV $$", "--net=none").exited(139);
  }

  @Test
  void firstFailingAppStopsTheOthersAndDecides() {
    Path zero = Images.script(rkt, "zero", "exit 0");
    Path five = Images.script(rkt, "five", "sleep 1; exit 5");
    Path later = Images.script(rkt, "later", "sleep 60; exit 6");
    rkt.insecure("run", "--net=none", zero.toString(), five.toString(), later.toString()).exited(5);
    String uuid = rkt.pods().getFirst();
    assertThat(rkt.status(uuid, "app-zero")).isEqualTo("0");
    assertThat(rkt.status(uuid, "app-five")).isEqualTo("5");
    assertThat(rkt.status(uuid, "app-later")).isEqualTo("0");
    Leftovers.assertNoneOfPod(uuid);
  }

  @Test
  void lastAppEndsThePod() {
    Path first = Images.script(rkt, "first", "echo first");
    Path second = Images.script(rkt, "second", "sleep 1; echo second");
    Rkt.Result result = rkt.insecure("run", "--net=none", first.toString(), second.toString()).ok();
    assertThat(result.out()).contains("first\n").contains("second\n");
  }

  @Test
  void appsSeeEachOtherButNotTheHost() {
    Path one = Images.script(rkt, "one", "hostname > /tmp/x; ps -o pid,comm; cat /proc/1/comm");
    Rkt.Result result = rkt.insecure("run", "--net=none", one.toString()).ok();
    assertThat(result.out()).doesNotContain("java");
    assertThat(result.out().lines().count()).isLessThan(8);
  }

  @Test
  void execReplacesTheImagesCommandAndItsArguments() {
    Path aci = Images.script(rkt, "app", "echo image");
    assertThat(rkt.insecure("run", "--net=none", aci.toString(), "--exec=/bin/echo").ok().out())
        .isEqualTo("\n");
    assertThat(
            rkt.insecure(
                    "run",
                    "--net=none",
                    aci.toString(),
                    "--exec",
                    "/bin/echo",
                    "--",
                    "a",
                    "--b",
                    "c d")
                .ok()
                .out())
        .isEqualTo("a --b c d\n");
    assertThat(
            rkt.insecure("run", "--net=none", aci.toString(), "--exec=echo", "--", "by PATH")
                .ok()
                .out())
        .isEqualTo("by PATH\n");
  }

  @Test
  void argumentsAfterDashesAreAppendedToTheImagesCommand() {
    Path aci = Images.aci(rkt, "app", List.of("/bin/echo", "image"));
    assertThat(rkt.insecure("run", "--net=none", aci.toString(), "--", "--more", "x").ok().out())
        .isEqualTo("image --more x\n");
  }

  @Test
  void severalAppsTakeTheirOwnFlagsAndArguments() {
    Path aci = Images.aci(rkt, "app", List.of("/bin/echo"));
    Rkt.Result result =
        rkt.insecure(
                "run",
                "--net=none",
                aci.toString(),
                "--name=a",
                "--environment=WHO=a",
                "--exec=/bin/sh",
                "--",
                "-c",
                "echo i-am-$WHO-$AC_APP_NAME",
                "---",
                aci.toString(),
                "--name=b",
                "--environment=WHO=b",
                "--exec=/bin/sh",
                "--",
                "-c",
                "echo i-am-$WHO-$AC_APP_NAME")
            .ok();
    assertThat(result.out()).contains("i-am-a-a").contains("i-am-b-b");
  }

  @Test
  void imageWithoutAppSectionNeedsExec() {
    Path aci = Images.aci(rkt, "bare", List.of());
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).exited(254).err())
        .contains("--exec");
    assertThat(
            rkt.insecure("run", "--net=none", aci.toString(), "--exec=/bin/echo", "--", "hi")
                .ok()
                .out())
        .isEqualTo("hi\n");
  }

  @Test
  void sameImageTwiceNeedsNames() {
    Path aci = Images.script(rkt, "app", "true");
    assertThat(rkt.insecure("run", "--net=none", aci.toString(), aci.toString()).exited(254).err())
        .contains("multiple apps with name app");
    assertThat(rkt.pods()).isEmpty();
  }

  @Test
  void environmentHasDefaultsImageValuesAndOverrides() {
    Path aci = Images.script(rkt, "app", "env", "--env=FROM_IMAGE=image", "--env=BOTH=image");
    String out =
        rkt.env("FROM_CALLER", "caller")
            .env("BOTH", "caller")
            .insecure(
                "run",
                "--net=none",
                "--inherit-env",
                "--set-env=SET=1",
                aci.toString(),
                "--environment=MINE=x,y")
            .ok()
            .out();
    assertThat(out.lines())
        .contains(
            "FROM_IMAGE=image",
            "BOTH=image",
            "FROM_CALLER=caller",
            "SET=1",
            "MINE=x,y",
            "AC_APP_NAME=app",
            "USER=root",
            "HOME=/root")
        .anyMatch(line -> line.startsWith("PATH="));
  }

  @Test
  void callersEnvironmentStaysOutside() {
    assertThat(rkt.env("SECRET_OF_CALLER", "x").run("version").exit()).isZero();
    assertThat(sh("env", "--net=none").ok().out())
        .contains("SHELL=/bin/sh\n", "USER=root\n", "LOGNAME=root\n", "HOME=/root\n")
        .doesNotContain("SECRET_OF_CALLER")
        .doesNotContain("RKT_LOCK_FD");
  }

  @Test
  void setEnvBeatsTheImage() {
    Path aci = Images.script(rkt, "app", "echo $V", "--env=V=image");
    assertThat(rkt.insecure("run", "--net=none", "--set-env=V=flag", aci.toString()).ok().out())
        .isEqualTo("flag\n");
    assertThat(
            rkt.insecure("run", "--net=none", "--set-env=V=1", "--set-env=V=2", aci.toString())
                .exited(254)
                .err())
        .contains("already set");
    assertThat(
            rkt.insecure("run", "--net=none", "--set-env=nonsense", aci.toString())
                .exited(254)
                .err())
        .contains("must be specified as key=value");
  }

  @Test
  void userAndGroupByNameNumberAndFile() {
    Path aci = Images.script(rkt, "app", "id -u; id -g");
    assertThat(
            rkt.insecure("run", "--net=none", aci.toString(), "--user=user1", "--group=group1")
                .ok()
                .out())
        .isEqualTo("1000\n100\n");
    assertThat(
            rkt.insecure("run", "--net=none", aci.toString(), "--user=1234", "--group=4321")
                .ok()
                .out())
        .isEqualTo("1234\n4321\n");
    assertThat(
            rkt.insecure("run", "--net=none", aci.toString(), "--user=/bin/busybox", "--group=root")
                .ok()
                .out())
        .isEqualTo("0\n0\n");
    assertThat(
            rkt.insecure("run", "--net=none", aci.toString(), "--user=nobody-here")
                .exited(254)
                .err())
        .contains("nobody-here");
  }

  @Test
  void workingDirectory() {
    Path aci = Images.script(rkt, "app", "pwd");
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).ok().out()).isEqualTo("/\n");
    assertThat(rkt.insecure("run", "--net=none", aci.toString(), "--working-dir=/dir1").ok().out())
        .isEqualTo("/dir1\n");
  }

  @Test
  void rootfsIsWritablePerPodUnlessReadOnly() {
    Path aci = Images.script(rkt, "app", "test ! -e /made && touch /made && echo made");
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).ok().out()).isEqualTo("made\n");
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).ok().out()).isEqualTo("made\n");
    assertThat(
            rkt.insecure("run", "--net=none", aci.toString(), "--readonly-rootfs=true")
                .exited(1)
                .err())
        .contains("Read-only file system");
  }

  @Test
  void withoutOverlayTheTreeIsCopied() {
    Path aci =
        Images.script(rkt, "app", "touch /made && cat /dir1/file && ls /made && readlink /bin/sh");
    assertThat(rkt.insecure("run", "--net=none", "--no-overlay", aci.toString()).ok().out())
        .isEqualTo("dir1/made\nbusybox\n");
  }

  @Test
  void hostname() throws IOException {
    Path file = rkt.home().resolve("uuid");
    Path aci = Images.script(rkt, "app", "hostname; cat /etc/hostname; stat -c %a /etc/hostname");
    String out =
        rkt.insecure("run", "--net=none", "--uuid-file-save=" + file, aci.toString()).ok().out();
    String name = "rkt-" + Files.readString(file);
    assertThat(out).isEqualTo(name + "\n" + name + "\n644\n");
    assertThat(rkt.insecure("run", "--net=none", "--hostname=web-1", aci.toString()).ok().out())
        .startsWith("web-1\nweb-1\n");
  }

  @Test
  void mtabIsALinkToTheMountTable() {
    assertThat(sh("readlink /etc/mtab", "--net=none").ok().out())
        .isEqualTo("../proc/self/mounts\n");
  }

  @Test
  void networkNoneHasLoopbackOnlyAndHostSharesTheHosts() {
    assertThat(sh("ls /sys/class/net || ip -o link | wc -l", "--net=none").ok().out().strip())
        .isIn("lo", "1");
    String here = readLink("/proc/self/ns/net");
    assertThat(sh("readlink /proc/self/ns/net", "--net=host").ok().out().strip()).isEqualTo(here);
    assertThat(sh("readlink /proc/self/ns/net", "--net=none").ok().out().strip())
        .isNotEqualTo(here);
  }

  private static String readLink(String path) {
    try {
      return Files.readSymbolicLink(Path.of(path)).toString();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void unknownNetworksAreRefusedByName() {
    Rkt.Result result = sh("true", "--net=nowhere").exited(254);
    assertThat(result.err()).contains("networks not found: nowhere").contains("/net.d");
    assertThat(rkt.pods()).isEmpty();
  }

  @Test
  void noNetFlagIsContainedInTheDefaultNetwork() {
    Rkt.Result result = sh("ip -o link | wc -l").ok();
    assertThat(result.out()).isEqualTo("2\n");
    assertThat(result.err()).doesNotContain("net");
  }

  @Test
  void missingBinaryIsNamed() {
    Path aci = Images.script(rkt, "app", "true");
    Rkt.Result result =
        rkt.insecure("run", "--net=none", aci.toString(), "--exec=/bin/not-there").exited(254);
    assertThat(result.err()).contains("/bin/not-there").contains("No such file or directory");
    assertThat(
            rkt.insecure("run", "--net=none", aci.toString(), "--exec=not-there").exited(254).err())
        .contains("unable to find \"not-there\"");
    assertThat(
            rkt.insecure("run", "--net=none", aci.toString(), "--exec=/etc/passwd")
                .exited(254)
                .err())
        .contains("/etc/passwd");
    assertThat(rkt.insecure("run", "--net=none", aci.toString(), "--exec=/dir1").exited(254).err())
        .contains("/dir1");
  }

  @Test
  void missingLoaderIsNamed() throws IOException {
    Path rootfs = Images.rootfs(rkt.home().resolve("dynamic"));
    Files.copy(Path.of("/bin/true"), rootfs.resolve("bin/dynamic"));
    Path aci = Images.aciOf(rkt, rootfs, "dynamic", List.of("/bin/dynamic"));
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).exited(254).err())
        .contains("/bin/dynamic")
        .contains("ld-linux");
  }

  @Test
  void missingScriptInterpreterIsNamed() throws IOException {
    Path rootfs = Images.rootfs(rkt.home().resolve("script"));
    Path script = rootfs.resolve("bin/script");
    Files.writeString(script, "#!/usr/bin/perl6\n");
    Rkt.exec("chmod", "755", script.toString()).ok();
    Path aci = Images.aciOf(rkt, rootfs, "script", List.of("/bin/script"));
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).exited(254).err())
        .contains("/usr/bin/perl6");
  }

  @Test
  void unsignedImageIsRefusedWithoutTheOption() {
    Path aci = Images.script(rkt, "app", "true");
    assertThat(rkt.run("run", "--net=none", aci.toString()).exited(254).err())
        .contains("--insecure-options=image");
    assertThat(rkt.pods()).isEmpty();
  }

  @Test
  void needsAnImage() {
    assertThat(rkt.run("run").exited(254).err()).contains("must provide at least one image");
  }

  @Test
  void imagesOfOtherSystemsAreRefused() {
    Path aci = Images.script(rkt, "bsd", "true", "--label=os=freebsd", "--label=arch=amd64");
    assertThat(rkt.insecure("run", "--net=none", aci.toString()).exited(254).err())
        .contains("bad os \"freebsd\"");
    assertThat(rkt.pods()).isEmpty();
  }

  @Test
  void needsRoot() {
    Rkt.Result result =
        Rkt.exec(
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            rkt.command().getFirst(),
            "run",
            "x");
    assertThat(result.exit()).isEqualTo(254);
    assertThat(result.err()).contains("cannot run as unprivileged user");
  }
}
