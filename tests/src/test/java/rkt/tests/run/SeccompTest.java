package rkt.tests.run;

import static org.assertj.core.api.Assertions.assertThat;

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
import rkt.tests.harness.Rkt;

/** TestAppIsolatorSeccomp and TestNoNewPrivileges: what an app's filter lets it do. */
class SeccompTest {
  private static final int SIGSYS = 128 + 31;
  private static final String STATUS = "grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status";
  private static final String FILTERED = "Seccomp:\t2";
  private static final String UNFILTERED = "Seccomp:\t0";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private static String retain(String... set) {
    return isolator("retain", "", set);
  }

  private static String remove(String... set) {
    return isolator("remove", "", set);
  }

  private static String isolator(String kind, String errno, String... set) {
    return "--isolator=os/linux/seccomp-"
        + kind
        + "-set={\"set\":[\""
        + String.join("\",\"", set)
        + "\"]"
        + (errno.isEmpty() ? "" : ",\"errno\":\"" + errno + "\"")
        + "}";
  }

  private Rkt.Result sh(String script, List<String> build, String... flags) {
    Path aci = Images.script(rkt, "app", script, build.toArray(String[]::new));
    List<String> args = new ArrayList<>(List.of("run", "--net=none", aci.toString()));
    args.addAll(List.of(flags));
    return rkt.insecure(args.toArray(String[]::new));
  }

  @Test
  void defaultFilterKillsWhatIsDangerous() {
    assertThat(sh(STATUS, List.of()).ok().out()).contains(FILTERED);
    assertThat(sh("umount /proc; echo $?", List.of()).ok().out()).isEqualTo(SIGSYS + "\n");
  }

  @Test
  void retainAllIsNoFilter() {
    Rkt.Result result = sh(STATUS + "; umount /tmp/x", List.of(retain("@appc.io/all")));
    assertThat(result.out()).contains(UNFILTERED);
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).contains("isolators of app \"app\" switch its system call filter off");
  }

  @Test
  void removeEmptyIsTheDefault() {
    List<String> empty = List.of(remove("@appc.io/empty"));
    assertThat(sh(STATUS + "; umount /proc; echo $?", empty).ok().out())
        .contains(FILTERED)
        .endsWith(SIGSYS + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"@rkt/default-blacklist", "@docker/default-blacklist", "@systemd/mount"})
  void removedWildcardsKill(String wildcard) {
    List<String> build = List.of(remove(wildcard));
    assertThat(sh(STATUS + "; umount /proc; echo $?", build).ok().out())
        .contains(FILTERED)
        .endsWith(SIGSYS + "\n");
  }

  @Test
  void removedCallKillsAndTheRestIsAllowed() {
    List<String> build = List.of(remove("mkdir", "mkdirat"));
    assertThat(sh("umount /proc/absent; echo $?; mkdir /tmp/x; echo $?", build).ok().out())
        .isEqualTo("1\n" + SIGSYS + "\n");
  }

  @Test
  void removedCallFailsWithTheErrno() {
    List<String> build = List.of(isolator("remove", "EXFULL", "mkdir", "mkdirat"));
    Rkt.Result result = sh("mkdir /tmp/x", build);
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err().toLowerCase()).contains("exchange full");
  }

  @ParameterizedTest
  @CsvSource({
    "@rkt/default-whitelist, 0, 0",
    "@docker/default-whitelist, 0, 0",
    "@docker/default-whitelist, 1000, 0",
    "@docker/default-whitelist, 0, 100",
    "@rkt/default-whitelist, 1000, 100"
  })
  void retainedWhitelists(String wildcard, String user, String group) {
    Rkt.Result result =
        sh(
            "id -u; id -g; " + STATUS + "; umount /proc; echo $?",
            List.of(retain(wildcard)),
            "--user=" + user,
            "--group=" + group);
    assertThat(result.ok().out())
        .startsWith(user + "\n" + group + "\n")
        .contains(FILTERED)
        .contains("NoNewPrivs:\t" + (user.equals("0") ? "0" : "1"))
        .endsWith(SIGSYS + "\n");
  }

  @Test
  void whatMeansNothingIsWarnedOf() {
    List<String> build = List.of(remove("reboot", "rebooot", "@systemd/io-event"));
    Rkt.Result result = sh("true", build).ok();
    assertThat(result.err())
        .contains("unknown system call \"rebooot\"")
        .contains("unknown seccomp wildcard \"@systemd/io-event\"");
  }

  @Test
  void insecureOptionDropsTheFilter() {
    Path aci = Images.script(rkt, "app", STATUS, remove("reboot"));
    for (String[] each :
        new String[][] {
          {"image", FILTERED},
          {"image,capabilities,paths", FILTERED},
          {"image,seccomp", UNFILTERED},
          {"all-run,image", UNFILTERED}
        }) {
      assertThat(
              rkt.run("--insecure-options=" + each[0], "run", "--net=none", aci.toString())
                  .ok()
                  .out())
          .as(each[0])
          .contains(each[1]);
    }
  }

  /** TestNoNewPrivileges. */
  @ParameterizedTest
  @CsvSource({
    "true, '', 0, 1",
    "false, '', 0, 0",
    "'', '', 0, 0",
    "'', '', 1000, 1",
    "false, '', 1000, 1",
    "'', @appc.io/all, 1000, 0",
    "true, @appc.io/all, 1000, 1",
    "false true, '', 0, 1",
    "true false, '', 0, 1"
  })
  void noNewPrivileges(String values, String retained, String user, String expected)
      throws IOException {
    List<String> isolators = new ArrayList<>();
    for (String value : values.split(" ")) {
      if (!value.isEmpty()) {
        isolators.add("{\"name\":\"os/linux/no-new-privileges\",\"value\":" + value + "}");
      }
    }
    // image build has one isolator of a name; a manifest may repeat this one.
    Path manifest = rkt.home().resolve("manifest");
    Files.writeString(
        manifest,
        "{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\",\"name\":\"example.com/app\",\"app\":"
            + "{\"exec\":[\"/bin/sh\",\"-c\",\"true\"],\"user\":\"0\",\"group\":\"0\",\"isolators\":["
            + String.join(",", isolators)
            + "]}}");
    List<String> build = new ArrayList<>(List.of("--manifest=" + manifest));
    build.addAll(List.of("--label=os=linux", "--label=arch=" + Images.arch()));
    if (!retained.isEmpty()) {
      build.add(retain(retained));
    }
    assertThat(sh(STATUS, build, "--user=" + user).ok().out()).contains("NoNewPrivs:\t" + expected);
  }
}
