package rkt.tests.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Images whose manifest or content is an attack, and what their apps leave behind. */
class HostileImageTest {
  private static final String CONTROL = "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  /** CVE-2024-21626 class: the pod's lock, in PID 1's descriptors, led to the host's root. */
  @Test
  void tracingPidOneIsNoWayToTheHost() {
    String script =
        "ls /proc/1/root/ /proc/1/fd; for f in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do ls"
            + " /proc/1/fd/$f/../../../../../../../../../.. 2>/dev/null; done; true";
    String capabilities =
        "os/linux/capabilities-retain-set={\"set\":[\"CAP_SYS_PTRACE\",\"CAP_DAC_OVERRIDE\",\"CAP_DAC_READ_SEARCH\"]}";
    Path aci = Images.script(rkt, "app", script, "--isolator=" + capabilities);
    Rkt.Result result = rkt.insecure("run", "--net=none", aci.toString()).ok();
    assertThat(result.out().lines()).containsExactly("/proc/1/fd:", "", "/proc/1/root/:");
    assertThat(result.err())
        .contains("more than the default capabilities")
        .contains("CAP_SYS_PTRACE");
  }

  /** CVE-2021-41091: members of group rkt may enter a pod's directory, but not the apps' files. */
  @ParameterizedTest
  @ValueSource(strings = {"--no-overlay=false", "--no-overlay"})
  void setUidProgramsAreForRootAlone(String overlay) {
    String program = "cp /bin/busybox $d/su && /bin/busybox chmod 4755 $d/su";
    Path aci =
        Images.script(
            rkt,
            "app",
            "for d in /tmp /data; do /bin/busybox " + program + "; done",
            "--mount=name=data,path=/data");
    rkt.insecure("run", "--net=none", overlay, aci.toString()).ok();
    Path pod = rkt.data().resolve("pods/run").resolve(rkt.pods().getFirst());
    List<String> find = List.of("find", pod.toString(), "-type", "f", "-perm", "-4000");
    assertThat(Rkt.exec(find.toArray(String[]::new)).ok().out().lines()).hasSize(2);
    for (Path dir :
        List.of(rkt.home(), rkt.data(), rkt.data().resolve("pods"), pod.getParent(), pod)) {
      Rkt.exec("chmod", "a+rx", dir.toString()).ok();
    }
    List<String> asNobody =
        new java.util.ArrayList<>(
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    asNobody.addAll(find);
    Rkt.Result reached = Rkt.exec(asNobody.toArray(String[]::new));
    assertThat(reached.out()).isEmpty();
    assertThat(reached.err()).contains("Permission denied");
  }

  /** CVE-2019-16884, CVE-2019-19921, CVE-2025-52881: an image's volume in the place of /proc. */
  @ParameterizedTest
  @ValueSource(strings = {"/", "/proc", "/proc/self", "/../proc/./sys"})
  void volumesStayOutOfProc(String path) {
    Path aci = Images.script(rkt, "app", "true", "--mount=name=data,path=" + path);
    Rkt.Result result = rkt.insecure("run", "--net=none", aci.toString()).exited(254);
    assertThat(result.err()).contains("mount point").contains("leads to /");
  }

  /** CWE-150: what an image calls itself must not drive the terminal of who looks. */
  @Test
  void namesCannotDriveTheTerminal() {
    String evil = "1\u001b]0;owned\u0007\r\u009b31m\u202e";
    Path aci = Images.aci(rkt, "app", List.of("/bin/true"), "--label=version=" + evil);
    rkt.insecure("run", "--net=none", aci.toString()).ok();
    for (List<String> look : List.of(List.of("list"), List.of("image", "list"))) {
      String out = rkt.run(look.toArray(String[]::new)).ok().out();
      assertThat(out).contains("example.com/app:1?]0;owned");
      assertThat(out.replaceAll(CONTROL, "#")).isEqualTo(out);
      assertThat(out).doesNotContain("\u202e");
    }
    for (String flag : List.of("--exec=/bin/none", "--user=nobody", "--group=nobody")) {
      Rkt.Result result =
          rkt.insecure("run", "--net=none", aci.toString(), flag + evil).exited(254);
      assertThat(result.err()).contains(flag.substring(flag.indexOf('=') + 1) + "1?]0;owned");
      assertThat(result.err().replaceAll(CONTROL, "#")).isEqualTo(result.err());
    }
  }
}
