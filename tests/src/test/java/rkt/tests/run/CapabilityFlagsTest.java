package rkt.tests.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Capability and seccomp flags, and how they meet the image's isolators. */
class CapabilityFlagsTest {
  private static final long DEFAULT = 0xa80425fbL;

  /** By number; capabilities(7). */
  private static final Map<String, Integer> NUMBERS =
      Map.of(
          "CAP_CHOWN", 0,
          "CAP_DAC_OVERRIDE", 1,
          "CAP_KILL", 5,
          "CAP_SETPCAP", 8,
          "CAP_NET_BIND_SERVICE", 10,
          "CAP_NET_ADMIN", 12,
          "CAP_NET_RAW", 13,
          "CAP_SYS_PTRACE", 19,
          "CAP_SYS_ADMIN", 21,
          "CAP_MKNOD", 27);

  /** One app each: whether the set is retained, and the set. */
  private static final List<List<String>> SETS =
      List.of(
          List.of("retain", "CAP_NET_ADMIN"),
          List.of("retain", "CAP_NET_ADMIN,CAP_NET_BIND_SERVICE"),
          List.of("retain", "CAP_CHOWN"),
          List.of("retain", "CAP_CHOWN,CAP_KILL,CAP_MKNOD"),
          List.of("retain", "CAP_SYS_ADMIN"),
          List.of("retain", "CAP_SYS_PTRACE,CAP_DAC_OVERRIDE"),
          List.of("remove", "CAP_CHOWN"),
          List.of("remove", "CAP_CHOWN,CAP_MKNOD"),
          List.of("remove", "CAP_NET_ADMIN"),
          List.of("remove", "CAP_NET_RAW,CAP_NET_BIND_SERVICE"),
          List.of("remove", "CAP_KILL"),
          List.of("remove", "CAP_SETPCAP,CAP_SYS_ADMIN"));

  private static final String PRINT =
      "while read -r k v; do [ $k != CapBnd: ] || echo $AC_APP_NAME $v; done < /proc/self/status";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private static String mask(String kind, String set) {
    long named = 0;
    for (String name : set.split(",")) {
      named |= 1L << NUMBERS.get(name);
    }
    long mask = kind.equals("retain") ? named : DEFAULT & ~named;
    return "%016x".formatted(mask);
  }

  private static String isolator(String kind, String set) {
    return "--isolator=os/linux/capabilities-"
        + kind
        + "-set={\"set\":[\""
        + set.replace(",", "\",\"")
        + "\"]}";
  }

  @ParameterizedTest
  @CsvSource({"caps", "cap"})
  void severalAppsWithFlags(String prefix) {
    String image = Images.script(rkt, "app", PRINT).toString();
    List<String> args = new ArrayList<>(List.of("run", "--net=none"));
    for (int i = 0; i < SETS.size(); i++) {
      args.add(image);
      args.add("--name=app" + i);
      args.add("--" + prefix + "-" + SETS.get(i).get(0) + "=" + SETS.get(i).get(1));
    }
    Map<String, String> expected = new TreeMap<>();
    for (int i = 0; i < SETS.size(); i++) {
      expected.put("app" + i, mask(SETS.get(i).get(0), SETS.get(i).get(1)));
    }
    Rkt.Result result = rkt.insecure(args.toArray(String[]::new)).ok();
    Map<String, String> found = new TreeMap<>();
    result.out().lines().forEach(line -> found.put(line.split(" ")[0], line.split(" ")[1]));
    assertThat(found).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"retain,retain", "retain,remove", "remove,retain", "remove,remove"})
  void flagsReplaceWhatTheImageSays(String image, String flag) {
    String isolator = isolator(image, "CAP_CHOWN,CAP_KILL");
    String app = Images.script(rkt, "app", PRINT, isolator).toString();
    Rkt.Result result =
        rkt.insecure("run", "--net=none", app, "--caps-" + flag + "=CAP_NET_RAW").ok();
    assertThat(result.out()).isEqualTo("app " + mask(flag, "CAP_NET_RAW") + "\n");
  }

  @Test
  void deprecatedFlagsSaySo() {
    String app = Images.script(rkt, "app", "true").toString();
    assertThat(rkt.insecure("run", "--net=none", app, "--cap-remove=CAP_KILL").ok().err())
        .contains("Flag --cap-remove has been deprecated, use --caps-remove instead");
  }

  @Test
  void bothSetsAreRefused() {
    String app = Images.script(rkt, "app", "echo started").toString();
    Rkt.Result result =
        rkt.insecure("run", "--net=none", app, "--caps-remove=CAP_KILL", "--caps-retain=CAP_KILL");
    assertThat(result.exited(254).err())
        .contains("cannot use both --caps-retain and --caps-remove on the same image");
    assertThat(result.out()).isEmpty();
  }

  private static final String MKDIR =
      "mkdir /tmp/x 2>&1; while read -r k v; do [ $k != Seccomp: ] || echo $v; done <"
          + " /proc/self/status";

  @Test
  void seccompFlagOverridesTheImage() {
    String isolator =
        "--isolator=os/linux/seccomp-remove-set={\"set\":[\"mkdir\",\"mkdirat\"],\"errno\":\"EXFULL\"}";
    String app = Images.script(rkt, "app", MKDIR, isolator).toString();
    assertThat(rkt.insecure("run", "--net=none", app).ok().out())
        .contains("Exchange full")
        .endsWith("2\n");
    assertThat(
            rkt.insecure("run", "--net=none", app, "--seccomp=mode=retain,@appc.io/all").ok().out())
        .isEqualTo("0\n");
  }

  @Test
  void seccompFlagWithErrno() {
    String app = Images.script(rkt, "app", MKDIR).toString();
    assertThat(
            rkt.insecure(
                    "run", "--net=none", app, "--seccomp=mode=remove,errno=EXFULL,mkdir,mkdirat")
                .ok()
                .out())
        .contains("Exchange full");
    String uuid =
        rkt.insecure("prepare", "--quiet", app, "--seccomp=mode=remove,errno=EXFULL,mkdir,mkdirat")
            .ok()
            .out()
            .strip();
    assertThat(rkt.insecure("run-prepared", "--net=none", uuid).ok().out())
        .contains("Exchange full");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mode=allow,mkdir | invalid seccomp mode command-line override",
        "mode=retain,no=EPERM,mkdir | invalid seccomp command-line override",
        "mode=remove,errno=exfull,mkdir | errno must start with an 'E' character"
      })
  void badSeccompFlags(String value, String message) {
    String app = Images.script(rkt, "app", "echo started").toString();
    Rkt.Result result = rkt.insecure("run", "--net=none", app, "--seccomp=" + value).exited(254);
    assertThat(result.err()).contains(message);
    assertThat(result.out()).isEmpty();
  }
}
