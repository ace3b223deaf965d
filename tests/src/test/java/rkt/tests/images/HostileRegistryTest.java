package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.BadRegistry;
import rkt.tests.harness.Rkt;

/**
 * Registries that lie, loop, talk nonsense or say nothing: refused by name, the store stays clean.
 */
class HostileRegistryTest {
  /** How the registry misbehaves, and a part of what rkt says about it. */
  private static final List<Map.Entry<String, String>> LIES =
      List.of(
          Map.entry("circles", "too many redirects"),
          Map.entry("html", "text/html"),
          Map.entry("garbage", "127.0.0.1"),
          Map.entry("no-platform", "the image does not exist for linux/"),
          Map.entry("other-config", "the image does not exist for linux/"),
          Map.entry("deep-manifest", "nested deeper than 64 levels"),
          Map.entry("huge-manifest", "larger than the allowed"),
          Map.entry("other-manifest", "the manifest's digest is sha256:"),
          Map.entry("other-config-bytes", "sha256:"),
          Map.entry("other-layer", "sha256:"),
          Map.entry("long-layer", "its descriptor says"),
          Map.entry("short-layer", "its descriptor says"),
          Map.entry("cut-layer", "the connection broke after 1024 of"),
          // Last: the layer itself is honest, so it may be stored from here on.
          Map.entry("other-diff-id", "layer's uncompressed digest is sha256:"));

  private Rkt rkt;
  private BadRegistry registry;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    registry = BadRegistry.start(rkt);
  }

  @AfterEach
  void tearDown() {
    registry.close();
    rkt.close();
  }

  @Test
  void liesAreRefusedAndLeaveNothing() {
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, String> lie : LIES) {
      Rkt.Result result = rkt.insecure("run", "--net=none", registry.image(lie.getKey()));
      String err = result.err();
      if (result.exit() != 254
          || !err.contains(lie.getValue())
          || err.contains("Exception")
          || err.contains("\tat ")) {
        wrong.add(lie.getKey() + ": " + result);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).isEmpty();
    assertThat(rkt.pods()).isEmpty();
    assertThat(rkt.data().resolve("cas/tmp")).isEmptyDirectory();
    rkt.insecure("run", "--net=none", registry.image("honest")).ok();
    rkt.run("image", "verify", registry.image("honest")).ok();
  }

  /**
   * How long silence may last is tested in the image module; here, that nobody has to wait for it.
   */
  @ParameterizedTest
  @ValueSource(strings = {"hangs", "hangs-in-layer"})
  void silenceCanBeInterrupted(String mode) {
    Rkt.Running fetch = rkt.startInsecure("fetch", registry.image(mode));
    Rkt.waitFor(
        "the silence; stderr: " + fetch.errors(), () -> registry.silent() || !fetch.isAlive());
    assertThat(fetch.isAlive()).isTrue();
    fetch.signal("INT");
    assertThat(fetch.await().exit()).isNotZero();
    rkt.run("image", "gc", "--grace-period=0s").ok();
    // A store is not even made before the registry has answered.
    Path temporary = rkt.data().resolve("cas/tmp");
    assertThat(Files.notExists(temporary) || temporary.toFile().list().length == 0).isTrue();
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).isEmpty();
  }

  @Test
  void nobodyListensThere() {
    Rkt.Result result = rkt.insecure("fetch", "docker://127.0.0.1:9/app").exited(254);
    assertThat(result.err()).contains("127.0.0.1:9").contains("is the registry running there?");
  }
}
