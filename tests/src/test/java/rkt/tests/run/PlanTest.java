package rkt.tests.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** `rkt run --print-plan`: everything is said, nothing is done. */
class PlanTest {
  private Rkt rkt;
  private Path aci;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    aci = Images.script(rkt, "app", "touch /ran; echo ran");
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  @Test
  void thePlanIsReadableAndNothingRuns() {
    Rkt.Result plan =
        rkt.insecure(
                "run",
                "--net=none",
                "--hostname=moon",
                "--print-plan",
                aci.toString(),
                "--user=1000",
                "--readonly-rootfs=true")
            .ok();
    assertThat(plan.out())
        .contains("nothing was started", "hostname         moon", "app app")
        .containsPattern("root +an overlay of 1 layer\\(s\\), read-only")
        .containsPattern("user +1000:0 and \\[0\\]\n")
        .containsPattern("no new privs +yes")
        .containsPattern(
            "namespaces +mount \\(its own\\), cgroup \\(its own\\), pid \\(the pod's\\)")
        .containsPattern("hidden +.*/proc/kcore")
        .doesNotContain("\nran\n");
    assertThat(rkt.pods()).isEmpty();
    assertThat(rkt.data().resolve("pods/run")).isEmptyDirectory();
    assertThat(rkt.data().resolve("pods/garbage")).isEmptyDirectory();
  }

  /** The configuration shown is the one that the runtime gets when the same pod is run. */
  @Test
  void programsReadItAsJson() {
    for (String form : new String[] {"json", "json-pretty"}) {
      String text =
          rkt.insecure("run", "--net=none", "--print-plan=" + form, aci.toString()).ok().out();
      JsonObject plan = Json.parseObject(text.strip(), "plan");
      JsonObject app = plan.objects("apps").getFirst();
      JsonObject config = app.object("config");
      assertThat(config.string("ociVersion")).isEqualTo("1.0.2");
      assertThat(config.object("process").strings("args"))
          .containsExactly("/bin/sh", "-c", "touch /ran; echo ran");
      assertThat(plan.object("manifest").string("acKind")).isEqualTo("PodManifest");
      assertThat(plan.strings("supervisor")).contains("net=new", "app=app");
      assertThat(app.strings("layers")).hasSize(1);
    }
  }

  @Test
  void whatCouldNotRunHasNoPlan() {
    assertThat(
            rkt.insecure("run", "--net=none", "--print-plan", aci.toString(), "--exec=/none")
                .exited(254)
                .err())
        .contains("/none");
    assertThat(rkt.insecure("run", "--print-plan=tree", aci.toString()).exited(254).err())
        .contains("text, json, json-pretty");
    assertThat(
            rkt.insecure("run", "--print-plan", "--uuid-file-save=/none", aci.toString())
                .exited(254)
                .err())
        .contains("--uuid-file-save");
    assertThat(rkt.data().resolve("pods/run"))
        .satisfiesAnyOf(
            dir -> assertThat(dir).doesNotExist(), dir -> assertThat(dir).isEmptyDirectory());
  }
}
