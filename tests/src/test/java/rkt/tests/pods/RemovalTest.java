package rkt.tests.pods;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Images;
import rkt.tests.harness.Leftovers;
import rkt.tests.harness.Rkt;

/** `rm` and `gc`: every directory of pods becomes empty, and so does the machine. */
class RemovalTest {
  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private List<String> exited(int pods) {
    Path aci = Images.script(rkt, "app", "true");
    for (int i = 0; i < pods; i++) {
      rkt.insecure("run", "--net=none", aci.toString()).ok();
    }
    return rkt.pods();
  }

  private void assertNoPods() {
    for (String each :
        List.of("run", "prepared", "exited-garbage", "garbage", "prepare", "embryo")) {
      Path dir = rkt.data().resolve("pods").resolve(each);
      if (Files.exists(dir)) {
        assertThat(dir).isEmptyDirectory();
      }
    }
  }

  /** TestRm, TestRmCgroup. */
  @Test
  void rmTakesSeveralAndGarbageToo() {
    List<String> pods = exited(3);
    rkt.run("gc", "--mark-only").ok();
    pods = new ArrayList<>(pods);
    pods.addAll(exited(1).stream().filter(p -> rkt.status(p, "state").equals("exited")).toList());
    assertThat(pods).hasSize(4);
    List<String> command = new ArrayList<>(List.of("rm"));
    command.addAll(pods);
    Rkt.Result result = rkt.run(command.toArray(String[]::new)).ok();
    assertThat(pods).allMatch(pod -> result.out().contains("\"" + pod + "\""));
    assertNoPods();
    pods.forEach(Leftovers::assertNoneOfPod);
  }

  /** TestRmInvalid: the others go all the same. */
  @Test
  void rmGoesOnAfterAMistake() throws IOException {
    String pod = exited(1).getFirst();
    String unknown = "00000000-0000-4000-8000-000000000000";
    assertThat(rkt.run("rm", unknown, pod).exited(254).err())
        .contains("no matches found for \"" + unknown + "\"");
    assertNoPods();
    Path file = rkt.home().resolve("uuid");
    Files.writeString(file, unknown);
    assertThat(rkt.run("rm", "--uuid-file=" + file).exited(254).err())
        .contains("no matches found for \"" + unknown + "\"");
    Files.writeString(file, "");
    assertThat(rkt.run("rm", "--uuid-file=" + file).exited(254).err())
        .contains("UUID cannot be empty");
    assertThat(rkt.run("rm").exit()).isEqualTo(254);
  }

  /** TestGC: a refused run leaves nothing to collect; what ended is marked, then removed. */
  @Test
  void gcMarksThenRemoves() {
    String pod = exited(1).getFirst();
    Path aci = Images.script(rkt, "app", "true");
    rkt.insecure("run", "--net=none", aci.toString(), aci.toString()).exited(254);
    rkt.run("gc", "--mark-only").ok();
    assertThat(rkt.data().resolve("pods/exited-garbage").resolve(pod)).isDirectory();
    rkt.run("gc").ok();
    assertThat(rkt.data().resolve("pods/exited-garbage").resolve(pod)).isDirectory();
    rkt.run("gc", "--grace-period=0s", "--expire-prepared=0s").ok();
    assertNoPods();
    Leftovers.assertNoneOfPod(pod);
    assertThat(rkt.run("gc", "--grace-period=0s").ok().all()).isEmpty();
    assertThat(rkt.run("gc", "--grace-period=soon").exit()).isEqualTo(254);
    assertThat(rkt.run("gc", "extra").exit()).isEqualTo(254);
  }

  /** TestGCAfterUnmount: after a crash of rkt or a reboot there is no mount left to undo. */
  @Test
  void gcRemovesWhatAKilledPodLeftWithItsMountsGone() throws IOException {
    Path uuid = rkt.home().resolve("uuid");
    Rkt.Running pod =
        rkt.startInsecure(
            "run",
            "--net=none",
            "--uuid-file-save=" + uuid,
            Images.script(rkt, "app", "touch /made; sleep 60").toString());
    Rkt.waitFor("the pod", () -> Files.exists(uuid));
    String id = Files.readString(uuid);
    rkt.run("status", "--wait-ready", id).ok();
    pod.signal("KILL");
    pod.await().exited(137);
    rkt.run("status", "--wait", id).ok();
    Rkt.Result gc = rkt.run("gc", "--grace-period=0s").ok();
    assertThat(gc.err()).isEqualTo("gc: moving pod \"" + id + "\" to garbage\n");
    assertNoPods();
    Leftovers.assertNoneOfPod(id);
  }

  /** TestGCCgroup: gc takes the groups that a killed supervisor could not. */
  @Test
  void gcRemovesLeftCgroups() throws IOException {
    Path uuid = rkt.home().resolve("uuid");
    Rkt.Running pod =
        rkt.startInsecure(
            "run",
            "--net=none",
            "--uuid-file-save=" + uuid,
            Images.script(rkt, "app", "sleep 60").toString());
    Rkt.waitFor("the pod", () -> Files.exists(uuid));
    String id = Files.readString(uuid);
    rkt.run("status", "--wait-ready", id).ok();
    assertThat(Leftovers.cgroupsOf(id)).isNotEmpty();
    pod.signal("KILL");
    pod.await();
    rkt.run("status", "--wait", id).ok();
    assertThat(Leftovers.cgroupsOf(id)).isNotEmpty();
    rkt.run("gc", "--grace-period=0s").ok();
    assertThat(Leftovers.cgroupsOf(id)).isEmpty();
  }
}
