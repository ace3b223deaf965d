package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Removing images, by hand and by gc, beside pods that stand on them. */
class RemovalTest {
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

  private long trees() throws IOException {
    try (var list = Files.list(rkt.data().resolve("cas/tree"))) {
      return list.count();
    }
  }

  /** TestImageRunRmName, ...ID, ...Duplicate. */
  @ParameterizedTest
  @ValueSource(strings = {"name", "id", "both"})
  void aUsedImageIsRemovedOnceHoweverNamed(String by) {
    Path used = Images.script(rkt, "app", "true");
    String id = rkt.insecure("fetch", used.toString()).ok().out().strip();
    String other =
        rkt.insecure("fetch", Images.script(rkt, "unused", "true").toString()).ok().out().strip();
    rkt.insecure("run", "--net=none", id).ok();
    String[] args =
        switch (by) {
          case "name" -> new String[] {"image", "rm", NAME};
          case "id" -> new String[] {"image", "rm", id};
          default -> new String[] {"image", "rm", NAME, id, id.substring(0, 19)};
        };
    Rkt.Result result = rkt.run(args).ok();
    assertThat(result.err()).contains("rm: 1 image(s) successfully removed");
    assertThat(result.out())
        .contains("successfully removed aci for image: \"" + id)
        .doesNotContain(other);
    assertThat(rkt.run("image", "rm", other).ok().err())
        .contains("rm: 1 image(s) successfully removed");
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).isEmpty();
  }

  @Test
  void aRunningPodOutlivesItsImage() throws IOException {
    Path aci = Images.script(rkt, "app", "while ! test -e /go; do sleep 0.1; done; cat /dir1/file");
    Path uuid = rkt.home().resolve("uuid");
    rkt.insecure("fetch", aci.toString()).ok();
    Rkt.Running pod = rkt.startInsecure("run", "--net=none", "--uuid-file-save=" + uuid, NAME);
    Rkt.waitFor("the pod", () -> Files.exists(uuid));
    rkt.run("status", "--wait-ready", "--uuid-file=" + uuid).ok();
    rkt.run("image", "rm", NAME).ok();
    rkt.run("image", "gc", "--grace-period=0s").ok();
    rkt.run("enter", Files.readString(uuid), "/bin/touch", "/go").ok();
    assertThat(pod.await().ok().out()).isEqualTo("dir1");
  }

  @Test
  void imageGcSparesWhatRunsAndWhatWasUsedLately() {
    Path uuid = rkt.home().resolve("uuid");
    rkt.insecure("fetch", Images.script(rkt, "unused", "true").toString()).ok();
    Rkt.Running pod =
        rkt.startInsecure(
            "run",
            "--net=none",
            "--uuid-file-save=" + uuid,
            Images.script(rkt, "app", "sleep 60").toString());
    Rkt.waitFor("the pod", () -> Files.exists(uuid));
    rkt.run("status", "--wait-ready", "--uuid-file=" + uuid).ok();
    assertThat(rkt.run("image", "gc").ok().all()).doesNotContain("successfully removed");
    assertThat(rkt.run("image", "gc", "--grace-period=0s").ok().err())
        .contains("1 image(s) successfully removed");
    assertThat(rkt.run("image", "list", "--no-legend").ok().out())
        .contains(NAME)
        .doesNotContain("unused");
    rkt.run("stop", "--uuid-file=" + uuid).ok();
    pod.await();
  }

  /** TestImageGCTreeStore. */
  @Test
  void treesStayAsLongAsAPodRefersToThem() throws IOException {
    rkt.insecure("run", "--net=none", Images.script(rkt, "app", "true").toString()).ok();
    assertThat(trees()).isEqualTo(1);
    rkt.run("image", "gc", "--grace-period=0s").ok();
    assertThat(trees()).isEqualTo(1);
    rkt.run("gc", "--mark-only").ok();
    rkt.run("image", "gc", "--grace-period=0s").ok();
    assertThat(trees()).isEqualTo(1);
    rkt.run("gc", "--grace-period=0s").ok();
    assertThat(rkt.run("image", "gc", "--grace-period=0s").ok().err())
        .contains("removed treestore \"deps-sha512-");
    assertThat(trees()).isZero();
  }
}
