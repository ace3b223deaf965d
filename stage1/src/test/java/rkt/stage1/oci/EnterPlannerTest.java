package rkt.stage1.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  private EnterPlan enter(String term) throws Exception {
    return flavor.enter(
        new EnterRequest(Pods.UUID, temp, "hello", List.of("/bin/sh", "-c", "x"), true, term));
  }

  @Test
  void keepsTheAppsRestrictions() throws Exception {
    JsonObject process = Json.parseObject(enter("").process().bytes(), "process");
    assertThat(process.object("capabilities").strings("bounding")).isEqualTo(Capabilities.DEFAULT);
    assertThat(process.object("capabilities").strings("effective")).isEqualTo(Capabilities.DEFAULT);
    assertThat(process.bool("noNewPrivileges")).isTrue();
    assertThat(process.object("user").integer("uid")).isZero();
    assertThat(process.string("cwd")).isEqualTo("/");
    assertThat(process.bool("terminal")).isTrue();
  }

  @Test
  void hasTheAppsEnvironmentAndTheCallersTerminal() throws Exception {
    JsonObject process = Json.parseObject(enter("").process().bytes(), "process");
    assertThat(process.strings("env")).contains("MULTI=a\nb", "TERM=vt100", "AC_APP_NAME=hello");
    process = Json.parseObject(enter("screen").process().bytes(), "process");
    assertThat(process.strings("env")).contains("TERM=screen").doesNotContain("TERM=dumb");
  }

  @Test
  void usesTheRuntimeThatStartedThePod() throws Exception {
    EnterPlan plan = enter("");
    assertThat(plan.argv())
        .containsExactly(
            temp + "/crun",
            "--root",
            "/run/rkt/oci",
            "exec",
            "--process",
            plan.process().path().toString(),
            Pods.UUID.value() + "-hello");
    assertThat(plan.join()).hasToString("/proc/4711/ns/mnt");
    assertThat(plan.process().mode()).isEqualTo(0600);
  }

  @Test
  void anUnknownAppIsAnError() {
    EnterRequest request = new EnterRequest(Pods.UUID, temp, "other", List.of("sh"), false, "");
    assertThatThrownBy(() -> flavor.enter(request))
        .hasMessageContaining("cannot enter app \"other\"");
  }
}
