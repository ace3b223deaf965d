package rkt.stage1.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;
import rkt.schema.appc.EnvVar;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.stage1.EnterPlan;
import rkt.stage1.EnterRequest;
import rkt.stage1.PlannedFile;

/** An entered process has the app's restrictions, whoever enters. */
class EnterPlannerTest {
  @TempDir Path temp;
  private Pods pods;
  private OciFlavor flavor;

  @BeforeEach
  void runPod() throws Exception {
    pods = new Pods(temp);
    pods.user = "9000";
    pods.environment = List.of(new EnvVar("MULTI", "a\nb"), new EnvVar("TERM", "dumb"));
    pods.app("hello", "/app");
    flavor =
        new OciFlavor(
            Kernel.linux(),
            Path.of("/s"),
            new RuntimeChoice(Path.of("/usr/bin/crun"), "crun"),
            Pods.v1());
    for (PlannedFile file : flavor.plan(pods.spec()).files()) {
      Files.createDirectories(file.path().getParent());
      Files.write(file.path(), file.bytes());
    }
    Files.writeString(temp.resolve("supervisor-pid"), "4711\n");
  }

  private EnterPlan enter(String term, EnterRequest.As as) throws Exception {
    return flavor.enter(
        new EnterRequest(Pods.UUID, temp, "hello", List.of("/bin/sh", "-c", "x"), true, term, as));
  }

  private EnterPlan enter(String term) throws Exception {
    return enter(term, EnterRequest.As.ROOT);
  }

  private static JsonObject process(EnterPlan plan) {
    return Json.parseObject(plan.files().get(0).bytes(), "process");
  }

  private static String launch(EnterPlan plan) {
    return new String(plan.files().get(1).bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void keepsTheAppsRestrictions() throws Exception {
    JsonObject process = process(enter(""));
    assertThat(process.object("capabilities").strings("bounding")).isEqualTo(Capabilities.DEFAULT);
    assertThat(process.object("capabilities").strings("effective")).isEqualTo(Capabilities.DEFAULT);
    assertThat(process.bool("noNewPrivileges")).isTrue();
    assertThat(process.object("user").integer("uid")).isZero();
    assertThat(process.string("cwd")).isEqualTo("/");
    assertThat(process.bool("terminal")).isTrue();
  }

  @Test
  void hasTheAppsEnvironmentAndTheCallersTerminal() throws Exception {
    JsonObject process = process(enter(""));
    assertThat(process.strings("env")).contains("MULTI=a\nb", "TERM=vt100", "AC_APP_NAME=hello");
    process = process(enter("screen"));
    assertThat(process.strings("env")).contains("TERM=screen").doesNotContain("TERM=dumb");
  }

  @Test
  void usesTheRuntimeThatStartedThePod() throws Exception {
    EnterPlan plan = enter("");
    assertThat(plan.argv()).containsExactly("/s", plan.files().get(1).path().toString());
    assertThat(launch(plan))
        .contains("\0runtime=" + temp + "/crun\0")
        .contains("\0enter=" + plan.files().get(0).path() + "\0")
        .contains("\0id=" + Pods.UUID.value() + "-hello\0")
        .contains("\0terminal=1\0")
        .doesNotContain("target=");
    assertThat(plan.join()).hasToString("/proc/4711/ns/mnt");
    assertThat(plan.files()).allMatch(file -> file.mode() == 0600);
  }

  /** Without the runtime, which would apply the filter: the supervisor joins the app itself. */
  @Test
  void privilegedNamesWhatTheSupervisorNeeds() throws Exception {
    Files.createDirectories(temp.resolve("exit"));
    Files.writeString(temp.resolve("exit/hello.pid"), "4712\n");
    var as =
        new EnterRequest.As(
            Optional.empty(), Optional.empty(), List.of(new EnvVar("A", "b")), "/tmp", true);
    assertThat(launch(enter("", as)))
        .contains("\0target=4712\0uid=0\0gid=0\0cwd=/tmp\0arg=/bin/sh\0arg=-c\0arg=x\0env=")
        .contains("\0env=A=b\0")
        .contains("\0cgroup=/sys/fs/cgroup/memory/rkt-" + Pods.UUID.value() + "/hello\0")
        .doesNotContain("cgroup=/sys/fs/cgroup/memory/rkt-" + Pods.UUID.value() + "\0");
  }

  @Test
  void anUnknownAppIsAnError() {
    EnterRequest request =
        new EnterRequest(Pods.UUID, temp, "other", List.of("sh"), false, "", EnterRequest.As.ROOT);
    assertThatThrownBy(() -> flavor.enter(request))
        .hasMessageContaining("cannot enter app \"other\"");
  }
}
