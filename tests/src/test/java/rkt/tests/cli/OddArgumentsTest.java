package rkt.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Arguments that are legal but rare, and some that look legal. */
class OddArgumentsTest {
  @ParameterizedTest
  @ValueSource(strings = {"a b", "a:b", "a,b", "a\\b", "a=b", "a\"b", "a%b", "a#b", "\u65e5\u672c"})
  void dataDirectoriesOfEveryName(String name) throws IOException {
    try (Rkt rkt = new Rkt()) {
      Path aci = Images.script(rkt, "app", "echo here");
      Path data = Files.createDirectory(rkt.home().resolve(name));
      String dir = "--dir=" + data;
      for (String overlay : new String[] {"--no-overlay=false", "--no-overlay"}) {
        Rkt.Result result = rkt.insecure(dir, "run", "--net=none", overlay, aci.toString()).ok();
        assertThat(result.out()).isEqualTo("here\n");
      }
      rkt.run(dir, "gc", "--grace-period=0s").ok();
    }
  }

  @Test
  void aHostNameThatIsNoneCreatesNoPod() {
    try (Rkt rkt = new Rkt()) {
      Path aci = Images.script(rkt, "app", "hostname");
      for (String name : new String[] {"two words", "a\nb", "a".repeat(65)}) {
        Rkt.Result result =
            rkt.insecure("run", "--net=none", "--hostname=" + name, aci.toString()).exited(254);
        assertThat(result.err()).contains("run: invalid hostname");
      }
      assertThat(rkt.pods()).isEmpty();
    }
  }

  @Test
  void emptyOverridesLeaveTheImageAlone() {
    try (Rkt rkt = new Rkt()) {
      Path aci = Images.script(rkt, "app", "id -u; pwd");
      Rkt.Result result =
          rkt.insecure(
              "run",
              "--net=none",
              aci.toString(),
              "--exec=",
              "--user=",
              "--group=",
              "--working-dir=");
      assertThat(result.ok().out()).isEqualTo("0\n/\n");
    }
  }

  @Test
  void aUuidFileThatIsNoneIsNamed() {
    try (Rkt rkt = new Rkt()) {
      Rkt.Result result = rkt.run("status", "--uuid-file=" + rkt.home()).exited(1);
      assertThat(result.err()).contains("\"" + rkt.home() + "\": Is a directory");
    }
  }

  @Test
  void enterOfAnEndedPodAssumesNothing() {
    try (Rkt rkt = new Rkt()) {
      rkt.insecure("run", "--net=none", Images.script(rkt, "app", "true").toString()).ok();
      String uuid = rkt.pods().get(0);
      assertThat(rkt.run("enter", uuid).exited(254).err())
          .isEqualTo("enter: pod \"" + uuid + "\" isn't currently running\n");
    }
  }

  @Test
  void enterTakesADoubleDash() {
    try (Rkt rkt = new Rkt()) {
      Rkt.Running pod =
          rkt.startInsecure(
              "run", "--net=none", Images.script(rkt, "app", "echo up; sleep 60").toString());
      Rkt.waitFor("the app", () -> pod.output().contains("up"));
      String uuid = rkt.pods().get(0);
      assertThat(rkt.run("enter", uuid, "--", "echo", "in").ok().out()).isEqualTo("in\n");
      rkt.run("stop", uuid).ok();
    }
  }
}
