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
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Leftovers;
import rkt.tests.harness.Rkt;

/** `rkt prepare` now, `rkt run-prepared` later. */
class PrepareTest {
  private static final String NAME = "example.com/app:1.0.0";

  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private String prepare(String... args) {
    List<String> all = new ArrayList<>(List.of("prepare"));
    all.addAll(List.of(args));
    String uuid = rkt.insecure(all.toArray(String[]::new)).ok().out();
    assertThat(uuid).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n");
    return uuid.strip();
  }

  private Rkt.Result runPrepared(String uuid, String... flags) {
    List<String> all = new ArrayList<>(List.of("run-prepared", "--net=none"));
    all.addAll(List.of(flags));
    all.add(uuid);
    return rkt.run(all.toArray(String[]::new));
  }

  @Test
  void aPreparedPodIsListedAndRunsOnce() {
    String uuid = prepare(Images.script(rkt, "app", "echo ran; exit 3").toString());
    assertThat(rkt.status(uuid, "state")).isEqualTo("prepared");
    assertThat(rkt.status(uuid, "created")).isNotEmpty();
    assertThat(rkt.run("list", "--no-legend").ok().out())
        .contains(uuid.substring(0, 8), NAME, "prepared");
    assertThat(rkt.run("list", "--format=json").ok().out()).contains("\"state\":\"created\"");
    assertThat(runPrepared(uuid.substring(0, 8)).exited(3).out()).isEqualTo("ran\n");
    assertThat(rkt.status(uuid, "app-app")).isEqualTo("3");
    assertThat(runPrepared(uuid).exited(254).err())
        .contains("pod \"" + uuid + "\" is not prepared");
  }

  /** TestRunPreparedOverrideExec. */
  @Test
  void whatWasAskedForAtPreparingIsWhatRuns() {
    Path aci = Images.aci(rkt, "app", List.of("/bin/false", "of", "the", "image"));
    String uuid =
        prepare(
            "--set-env=COLOUR=blue",
            aci.toString(),
            "--exec=/bin/sh",
            "--name=one",
            "--user=1000",
            "--group=100",
            "--working-dir=/dir1",
            "--",
            "-c",
            "echo $0 $1 $COLOUR $(id -u) $(pwd)",
            "zero",
            "a b");
    assertThat(runPrepared(uuid).ok().out()).isEqualTo("zero a b blue 1000 /dir1\n");
    String bare = prepare(aci.toString(), "--exec=true");
    runPrepared(bare).ok();
    Path noApp = Images.aci(rkt, "plain", List.of());
    assertThat(rkt.insecure("prepare", noApp.toString()).exited(254).err())
        .contains("has no app section and --exec argument is not provided");
    assertThat(runPrepared(prepare(noApp.toString(), "--exec=/bin/echo", "--", "x")).ok().out())
        .isEqualTo("x\n");
  }

  @Test
  void severalAppsAndTheFirstFailureDecides() {
    Path aci = Images.script(rkt, "app", "true");
    String uuid =
        prepare(
            aci.toString(),
            "--name=one",
            aci.toString(),
            "--name=two",
            "--exec=/bin/sh",
            "--",
            "-c",
            "exit 5");
    assertThat(rkt.insecure("run-prepared", "--net=none", "--interactive", uuid).exited(254).err())
        .contains("interactive option only supports pods with one app");
    runPrepared(uuid).exited(5);
  }

  /** TestHostname for run-prepared. */
  @Test
  void hostNameIsDecidedWhenItRuns() {
    Path aci = Images.script(rkt, "app", "hostname; cat /etc/hostname");
    String uuid = prepare(aci.toString());
    assertThat(runPrepared(uuid).ok().out()).isEqualTo("rkt-%s\nrkt-%s\n".formatted(uuid, uuid));
    assertThat(runPrepared(prepare(aci.toString()), "--hostname=moon").ok().out())
        .isEqualTo("moon\nmoon\n");
    String again = prepare(aci.toString());
    assertThat(runPrepared(again, "--hostname=bad host").exited(254).err())
        .contains("invalid hostname");
    runPrepared(again).ok();
  }

  /** TestCapsInsecureOption and TestPathsWrite for run-prepared: the option counts when it runs. */
  @Test
  void insecureOptionsCountWhenItRuns() {
    Path aci = Images.script(rkt, "app", "grep CapBnd /proc/self/status");
    Rkt.Result all =
        rkt.run(
            "--insecure-options=all-run", "run-prepared", "--net=none", prepare(aci.toString()));
    String prepared =
        rkt.run("--insecure-options=image,all-run", "prepare", aci.toString()).ok().out().strip();
    assertThat(runPrepared(prepared).ok().out())
        .contains("00000000a80425fb")
        .isNotEqualTo(all.ok().out());
  }

  /** TestImagePrepareRmNameRun, ...IDRun, ...Duplicate; also with gc in between. */
  @ParameterizedTest
  @ValueSource(strings = {"name", "id", "both"})
  void aPreparedPodNeedsItsImageNoMore(String by) throws IOException {
    String id =
        rkt.insecure("fetch", Images.script(rkt, "app", "cat /dir1/file").toString())
            .ok()
            .out()
            .strip();
    String overlay = prepare(id);
    String copy = prepare("--no-overlay", id);
    String[] args =
        switch (by) {
          case "name" -> new String[] {"image", "rm", NAME};
          case "id" -> new String[] {"image", "rm", id};
          default -> new String[] {"image", "rm", NAME, id, id.substring(0, 19)};
        };
    assertThat(rkt.run(args).ok().err()).contains("rm: 1 image(s) successfully removed");
    rkt.run("image", "gc", "--grace-period=0s").ok();
    rkt.run("gc", "--grace-period=0s").ok();
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).isEmpty();
    assertThat(rkt.run("list", "--no-legend").ok().out()).contains(NAME);
    assertThat(runPrepared(overlay).ok().out()).isEqualTo("dir1");
    assertThat(runPrepared(copy).ok().out()).isEqualTo("dir1");
    rkt.run("gc", "--grace-period=0s").ok();
    rkt.run("image", "gc", "--grace-period=0s").ok();
    assertThat(rkt.data().resolve("cas/tree")).isEmptyDirectory();
  }

  /** TestShortHash, TestFetchFromFile, TestFetchAny: the images of prepare are those of run. */
  @Test
  void imagesAreFoundAsRunFindsThem() {
    Path aci = Images.script(rkt, "app", "true");
    String id = rkt.insecure("fetch", aci.toString()).ok().out().strip();
    Rkt.Result shortened = rkt.run("--debug", "prepare", id.substring(0, 19)).ok();
    assertThat(shortened.err()).contains("Writing pod manifest");
    for (String policy : List.of("new", "never", "update")) {
      assertThat(
              rkt.run(
                      "--insecure-options=image",
                      "--debug",
                      "prepare",
                      "--quiet",
                      "--pull-policy=" + policy,
                      aci.toString())
                  .ok()
                  .err())
          .contains("using image from file " + aci);
    }
    assertThat(rkt.run("prepare", "sha512-" + "0".repeat(12)).exited(254).err())
        .contains("no image IDs found");
    assertThat(rkt.run("prepare", "--pull-policy=never", "example.com/none").exited(254).err())
        .contains("example.com/none");
    assertThat(rkt.run("prepare").exited(254).err())
        .contains("must provide at least one image or specify the pod manifest");
  }

  /** TestRm, TestGC: prepared pods, and what a failed prepare leaves, which is nothing. */
  @Test
  void preparedPodsAreRemovedAndExpire() {
    Path aci = Images.script(rkt, "app", "true");
    String uuid = prepare(aci.toString());
    assertThat(rkt.run("rm", uuid).ok().err())
        .contains("moving expired prepared pod \"" + uuid + "\" to garbage");
    rkt.insecure("prepare", aci.toString(), aci.toString()).exited(254);
    for (String each : List.of("embryo", "prepare", "prepared", "garbage")) {
      assertThat(rkt.data().resolve("pods").resolve(each)).isEmptyDirectory();
    }
    String kept = prepare(aci.toString());
    rkt.run("gc", "--grace-period=0s").ok();
    assertThat(rkt.pods()).containsExactly(kept);
    rkt.run("gc", "--mark-only", "--expire-prepared=0s").ok();
    assertThat(rkt.pods()).containsExactly(kept);
    assertThat(rkt.run("gc", "--expire-prepared=0s").ok().err()).contains(kept);
    assertThat(rkt.pods()).isEmpty();
    Leftovers.assertNoneOfPod(kept);
  }

  /**
   * A kill while a pod is being prepared leaves what gc removes. The image has so many files that
   * copying it takes far longer than noticing that it has begun.
   */
  @Test
  void aKilledPrepareIsCollected() throws IOException {
    Path root = Images.rootfs(rkt.home().resolve("many"));
    for (int i = 0; i < 3000; i++) {
      Files.writeString(root.resolve("var/file" + i), "x");
    }
    Path aci = Images.aciOf(rkt, root, "many", List.of("/bin/true"));
    String id = rkt.insecure("fetch", aci.toString()).ok().out().strip();
    int hits = 0;
    for (int i = 0; i < 5; i++) {
      int before = underWay();
      Rkt.Running prepare = rkt.start("prepare", "--no-overlay", id);
      Rkt.waitFor("a pod under way", () -> underWay() > before || !prepare.isAlive());
      prepare.signal("KILL");
      prepare.await();
      hits += underWay() - before;
    }
    assertThat(hits).as("kills that left a pod half prepared").isPositive();
    rkt.run("gc", "--grace-period=0s", "--expire-prepared=0s").ok();
    assertThat(underWay()).isZero();
    assertThat(rkt.pods()).isEmpty();
  }

  /** How many pods are neither prepared nor given up. */
  private int underWay() {
    return entries("embryo") + entries("prepare");
  }

  private int entries(String state) {
    String[] names = rkt.data().resolve("pods").resolve(state).toFile().list();
    return names == null ? 0 : names.length;
  }

  @Test
  void unknownAndMissingPodsAreSaid() {
    assertThat(rkt.run("run-prepared", "--net=none", "00000000").exited(254).err())
        .contains("no matches found for \"00000000\"");
    assertThat(rkt.run("run-prepared").exited(254).all()).contains("USAGE");
    assertThat(rkt.run("run-prepared", "a", "b").exited(254).all()).contains("USAGE");
  }
}
