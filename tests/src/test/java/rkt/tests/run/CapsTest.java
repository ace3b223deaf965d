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

/** TestCaps*: the capability sets of apps, read by the apps. */
class CapsTest {
  private static final String STATUS = "grep -E '^(Cap...|NoNewPrivs):' /proc/self/status";
  private static final String NONE = "0000000000000000";
  private static final String DEFAULT = "00000000a80425fb";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private static String isolator(String kind, String... set) {
    return "--isolator=os/linux/capabilities-"
        + kind
        + "-set={\"set\":[\""
        + String.join("\",\"", set)
        + "\"]}";
  }

  private Rkt.Result run(List<String> build, String... flags) {
    Path aci = Images.script(rkt, "app", STATUS, build.toArray(String[]::new));
    List<String> args = new ArrayList<>(List.of("run", "--net=none", aci.toString()));
    args.addAll(List.of(flags));
    return rkt.insecure(args.toArray(String[]::new));
  }

  private static String bits(long... capabilities) {
    long bits = 0;
    for (long each : capabilities) {
      bits |= 1L << each;
    }
    return String.format("%016x", bits);
  }

  /** TestCaps, TestCapsNonRoot: CAP_NET_ADMIN (12) and CAP_MKNOD (27). */
  @ParameterizedTest
  @CsvSource({
    "'', '', 0, 00000000a80425fb",
    "retain, CAP_NET_ADMIN, 0, 0000000000001000",
    "retain, CAP_NET_ADMIN CAP_MKNOD, 0, 0000000008001000",
    "remove, CAP_MKNOD, 0, 00000000a00425fb",
    "remove, CAP_NET_ADMIN, 0, 00000000a80425fb",
    "'', '', 9000, 00000000a80425fb",
    "retain, CAP_NET_ADMIN, 9000, 0000000000001000",
    "remove, CAP_MKNOD, 9000, 00000000a00425fb"
  })
  void isolatorsOfTheImage(String kind, String set, String user, String bounding) {
    List<String> build = kind.isEmpty() ? List.of() : List.of(isolator(kind, set.split(" ")));
    String out = run(build, "--user=" + user, "--group=" + user).ok().out();
    String held = user.equals("0") ? bounding : NONE;
    assertThat(out)
        .contains("CapBnd:\t" + bounding)
        .contains("CapEff:\t" + held)
        .contains("CapPrm:\t" + held)
        .contains("CapInh:\t" + NONE)
        .contains("CapAmb:\t" + NONE);
  }

  /** Granted, as the format has it, but never in silence. */
  @Test
  void moreThanTheDefaultIsWarnedOf() {
    assertThat(run(List.of(isolator("retain", "CAP_NET_ADMIN", "CAP_KILL"))).ok().err())
        .contains("give it more than the default capabilities: [CAP_NET_ADMIN]");
  }

  /** TestCapsSeveralAppWithPatches: each app of a pod has its own set, exactly. */
  @Test
  void everyAppHasItsOwnSet() {
    String[] kinds = {
      "", "retain", "retain", "retain", "remove", "remove", "remove", "retain", "", "remove"
    };
    String[][] sets = {
      {},
      {"CAP_CHOWN"},
      {"CAP_NET_ADMIN", "CAP_SYS_TIME"},
      {"CAP_KILL", "CAP_SETUID", "CAP_SETGID"},
      {"CAP_CHOWN"},
      {"CAP_MKNOD", "CAP_NET_RAW"},
      {"CAP_NET_ADMIN"},
      {"CAP_SYS_PTRACE"},
      {},
      {"CAP_SETFCAP", "CAP_AUDIT_WRITE", "CAP_SYS_CHROOT"}
    };
    long standard = Long.parseLong(DEFAULT, 16);
    String[] expected = {
      DEFAULT,
      bits(0),
      bits(12, 25),
      bits(5, 6, 7),
      String.format("%016x", standard & ~1L),
      String.format("%016x", standard & ~(1L << 27 | 1L << 13)),
      DEFAULT,
      bits(19),
      DEFAULT,
      String.format("%016x", standard & ~(1L << 31 | 1L << 29 | 1L << 18))
    };
    List<String> args = new ArrayList<>(List.of("run", "--net=none"));
    for (int i = 0; i < kinds.length; i++) {
      String[] build =
          kinds[i].isEmpty() ? new String[0] : new String[] {isolator(kinds[i], sets[i])};
      String script =
          "while read k v; do test $k = CapBnd: && echo app"
              + i
              + "=$v; done"
              + " < /proc/self/status; true";
      args.add(Images.script(rkt, "app" + i, script, build).toString());
    }
    List<String> out =
        rkt.insecure(args.toArray(String[]::new)).ok().out().lines().sorted().toList();
    for (int i = 0; i < expected.length; i++) {
      assertThat(out.get(i)).isEqualTo("app" + i + "=" + expected[i]);
    }
  }

  @Test
  void retainAndRemoveExcludeEachOther() {
    List<String> build = List.of(isolator("retain", "CAP_KILL"), isolator("remove", "CAP_CHOWN"));
    assertThat(run(build).exited(254).err())
        .contains("capabilities retain and remove sets exclude each other");
  }

  @Test
  void unknownCapabilitiesAreRefused() {
    assertThat(run(List.of(isolator("retain", "CAP_FLY"))).exited(254).err())
        .contains("unknown capability \"CAP_FLY\"");
  }

  /** TestCapsInsecureOption, for run and for run-prepared, where the option has to be given. */
  @ParameterizedTest
  @ValueSource(strings = {"run", "run-prepared"})
  void insecureOptionLiftsTheRestriction(String command) {
    Path aci = Images.script(rkt, "app", STATUS);
    String own = Rkt.exec("grep", "CapBnd:", "/proc/self/status").out().strip();
    for (String[] each :
        new String[][] {
          {"image", "CapBnd:\t" + DEFAULT},
          {"image,paths,seccomp", "CapBnd:\t" + DEFAULT},
          {"image,capabilities", own},
          {"all", own}
        }) {
      String insecure = "--insecure-options=" + each[0];
      String out;
      if (command.equals("run")) {
        out = rkt.run(insecure, "run", "--net=none", aci.toString()).ok().out();
      } else {
        String uuid = rkt.insecure("prepare", "--quiet", aci.toString()).ok().out().strip();
        out = rkt.run(insecure, "run-prepared", "--net=none", uuid).ok().out();
      }
      assertThat(out).as(each[0]).contains(each[1]);
    }
  }

  /**
   * What the administrator retains for an app that is not root it can use; what the image asks for
   * stays a bound (compatibility.md).
   */
  @Test
  void administratorsGrantsAreAmbient() throws IOException {
    Path aci = Images.script(rkt, "app", STATUS, isolator("retain", "CAP_KILL"));
    String id = rkt.insecure("fetch", aci.toString()).ok().out().strip();
    Path manifest = rkt.home().resolve("pod.json");
    Files.writeString(
        manifest,
        """
        {"acKind":"PodManifest","acVersion":"0.8.11","apps":[{"name":"app","image":{"id":"%s"},
         "app":{"exec":["/bin/sh","-c","%s"],"user":"1000","group":"1000","isolators":[
         {"name":"os/linux/capabilities-retain-set","value":{"set":["CAP_NET_BIND_SERVICE"]}}]}}]}
        """
            .formatted(id, STATUS));
    String out = rkt.insecure("run", "--net=none", "--pod-manifest=" + manifest).ok().out();
    for (String set : List.of("Inh", "Prm", "Eff", "Bnd", "Amb")) {
      assertThat(out).contains("Cap" + set + ":\t" + bits(10));
    }
    assertThat(out).contains("NoNewPrivs:\t1");
  }
}
