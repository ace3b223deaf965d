package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.BadRegistry;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** One {@code rkt fetch} of several images. */
class SeveralFetchesTest {
  private Rkt rkt;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  @Test
  void idsComeInTheOrderOfTheArguments() {
    List<String> images = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d", "e")) {
      Path aci = Images.script(rkt, name, "echo " + name);
      images.add(aci.toString());
      ids.add(rkt.insecure("fetch", "--full", aci.toString()).ok().out().strip());
      rkt.run("image", "rm", "example.com/" + name).ok();
    }
    List<String> args = new ArrayList<>(List.of("fetch", "--full"));
    args.addAll(images);
    Rkt.Result result = rkt.insecure(args.toArray(String[]::new)).ok();
    assertThat(result.out().lines()).containsExactlyElementsOf(ids);
    assertThat(result.err().lines().filter(line -> line.contains("warning: image signature")))
        .hasSize(1);
  }

  @Test
  void oneThatFailsLosesNoOther() {
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      Path good = Images.script(rkt, "app", "true");
      Rkt.Result result =
          rkt.insecure(
                  "fetch",
                  registry.image("html"),
                  good.toString(),
                  "example.com/b@d:",
                  registry.image("honest"),
                  registry.image("no-platform"))
              .exited(254);
      assertThat(result.out().lines()).hasSize(2);
      assertThat(result.out().lines().toList().getFirst()).startsWith("sha512-");
      assertThat(result.out().lines().toList().getLast()).startsWith("sha256-");
      assertThat(result.err())
          .contains("fetch: " + registry.image("html") + ": ")
          .contains("fetch: " + registry.image("no-platform") + ": ")
          .contains("fetch: example.com/b@d:: ");
      assertThat(rkt.run("image", "list", "--no-legend").ok().out().lines()).hasSize(2);
    }
  }

  /** They are under way together: the one that waits lets go only when another one is done. */
  @Test
  void theyAreFetchedAtTheSameTime() throws java.io.IOException {
    try (BadRegistry registry = BadRegistry.start(rkt)) {
      Path aci = Images.script(rkt, "app", "true");
      Rkt.Running both =
          rkt.startInsecure("fetch", registry.image("waits-in-layer"), aci.toString());
      Rkt.waitFor(
          "the second image while the first one waits",
          () -> !rkt.run("image", "list", "--no-legend").ok().out().isEmpty());
      java.nio.file.Files.createFile(registry.go());
      assertThat(both.await().ok().out().lines()).hasSize(2);
    }
  }
}
