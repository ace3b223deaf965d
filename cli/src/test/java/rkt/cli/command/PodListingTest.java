package rkt.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import rkt.cli.render.LocalZone;
import rkt.pod.AppState;
import rkt.pod.AppView;
import rkt.pod.ExitCause;
import rkt.pod.PodState;
import rkt.pod.PodView;
import rkt.schema.ImageId;
import rkt.schema.appc.AcName;
import rkt.schema.appc.PodUuid;
import rkt.schema.cni.NetInfo;
import rkt.schema.json.JsonWriter;

/** Pods in the table and in JSON, as scripts take them apart. */
class PodListingTest {
  private static final long NOW = 1_453_814_700L;
  private static final OptionalLong CREATED = OptionalLong.of(1_453_814_614_631_000_000L);

  private static AppView app(String name, int code, ExitCause cause) {
    return new AppView(
        new AcName(name),
        AppState.EXITED,
        ImageId.sha512("ab".repeat(32)),
        Optional.of("example.com/" + name + ":1"),
        CREATED,
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalInt.of(code),
        Optional.of(cause),
        cause == ExitCause.SIGNAL ? OptionalInt.of(9) : OptionalInt.empty(),
        List.of(new AppView.MountView("data", "/data", "/srv", true)),
        Map.of(),
        Map.of("tier", "web"),
        cause == ExitCause.OOM ? 2 : 0);
  }

  private static PodView pod(String digit, List<AppView> apps, List<NetInfo> networks) {
    return new PodView(
        PodUuid.parse(digit.repeat(8) + "-89ab-cdef-0123-456789abcdef"),
        PodState.EXITED,
        CREATED,
        OptionalLong.of(1_453_814_640_000_000_000L),
        OptionalInt.of(7),
        true,
        Optional.empty(),
        apps,
        networks,
        Map.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty());
  }

  private static final PodView TWO_APPS =
      pod(
          "1",
          List.of(app("one", 0, ExitCause.EXITED), app("two", 137, ExitCause.SIGNAL)),
          List.of(network("default", "172.16.28.3"), network("b", "10.0.0.2")));

  private static String table(boolean full, PodView... pods) {
    ListCommand.Rows rows = new ListCommand.Rows(full, false, NOW, LocalZone.UTC);
    rows.legend();
    for (PodView pod : pods) {
      rows.pod(pod);
    }
    return rows.toString();
  }

  @Test
  void theShortTable() {
    assertThat(table(false, TWO_APPS, pod("2", List.of(), List.of())))
        .isEqualTo(
            """
            UUID\t\tAPP\tIMAGE NAME\t\tSTATE\tCREATED\t\tSTARTED\t\tNETWORKS
            11111111\tone\texample.com/one:1\texited\t1 minute ago\t1 minute ago\tdefault:ip4=172.16.28.3, b:ip4=10.0.0.2
            \t\ttwo\texample.com/two:1\t\t\t\t\t\t
            22222222\t-\t-\t\t\texited\t1 minute ago\t1 minute ago\t
            """);
  }

  @Test
  void theFullTable() {
    assertThat(table(true, pod("1", List.of(app("one", 0, ExitCause.EXITED)), List.of())).lines())
        .last()
        .asString()
        .startsWith("11111111-89ab-cdef-0123-456789abcdef\tone\texample.com/one:1\t")
        .contains("sha512-abababababab\texited\t2016-01-26 13:23:34.631 +0000 UTC\t")
        .contains("2016-01-26 13:24:00 +0000 UTC");
  }

  @Test
  void json() {
    JsonWriter json = JsonWriter.compact();
    PodJson.write(json, TWO_APPS);
    assertThat(json.toString())
        .startsWith(
            "{\"name\":\"11111111-89ab-cdef-0123-456789abcdef\",\"state\":\"exited\","
                + "\"networks\":[{\"netName\":\"default\",\"netConf\":\"\",\"pluginPath\":\"\","
                + "\"ifName\":\"\",\"ip\":\"172.16.28.3\",\"args\":\"\",\"mask\":\"\"},")
        .contains("\"app_names\":[\"one\",\"two\"]")
        .contains(
            "\"created_at\":1453814614631000000,\"exit_code\":137,\"exit_cause\":\"signal\",\"exit_signal\":9")
        .contains(
            "\"mounts\":[{\"name\":\"data\",\"container_path\":\"/data\",\"host_path\":\"/srv\",\"read_only\":true}]")
        .contains("\"user_labels\":{\"tier\":\"web\"}")
        .doesNotContain("user_annotations", "finished_at")
        .endsWith("\"created_at\":1453814614,\"started_at\":1453814640}");
  }

  @ParameterizedTest
  @EnumSource(PodState.class)
  void onlyAPodThatShouldBeWholeIsAProblem(PodState state) {
    Problems problems = new Problems("pods");
    ListCommand.noteProblem(
        new PodView(
            TWO_APPS.uuid(),
            state,
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalInt.empty(),
            false,
            Optional.empty(),
            List.of(),
            List.of(),
            Map.of(),
            Map.of(),
            Optional.empty(),
            Optional.of("pod manifest is missing")),
        problems);
    boolean whole =
        switch (state) {
          case PREPARED, RUNNING, EXITED, EXITED_GARBAGE, GARBAGE -> true;
          case EMBRYO, PREPARING, ABORTED_PREPARE, EXITED_DELETING, DELETING -> false;
        };
    assertThat(problems.isEmpty()).isEqualTo(!whole);
  }

  private static NetInfo network(String name, String ip) {
    return new NetInfo(name, "", "", "", ip, "", "", "", List.of(), List.of(), "");
  }
}
