package rkt.pod;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import rkt.schema.appc.AcName;
import rkt.schema.appc.ExposedPort;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.Port;

class ManifestRulesTest {
  private static final ExposedPort EXPOSED =
      new ExposedPort(new AcName("http"), 80, Optional.empty(), Optional.empty());

  private static PodManifest manifest(String volumes, String apps) {
    String text =
        "{\"acKind\":\"PodManifest\",\"acVersion\":\"0.8.11\",\"volumes\":[%s],\"apps\":[%s]}";
    return PodManifest.parse(text.formatted(volumes, apps).getBytes(StandardCharsets.UTF_8));
  }

  private static String app(String more) {
    return "{\"name\":\"a\",\"image\":{\"id\":\"sha512-%s\"}%s}".formatted("0".repeat(64), more);
  }

  @Test
  void aPodNeedsAnApp() {
    assertThatThrownBy(() -> ManifestRules.check(manifest("", "")))
        .hasMessageContaining("pod must contain at least one application");
  }

  @Test
  void mountsNeedTheirVolumes() {
    String mount = ",\"mounts\":[{\"volume\":\"v\",\"path\":\"/x\"%s}]";
    assertThatThrownBy(() -> ManifestRules.check(manifest("", app(mount.formatted("")))))
        .hasMessageContaining("could not find volume v, which app \"a\" mounts on /x");
    String volume = "{\"name\":\"v\",\"kind\":\"empty\"}";
    assertThatCode(() -> ManifestRules.check(manifest(volume, app(mount.formatted("")))))
        .doesNotThrowAnyException();
    String own = mount.formatted(",\"appVolume\":" + volume);
    assertThatCode(() -> ManifestRules.check(manifest("", app(own)))).doesNotThrowAnyException();
  }

  @Test
  void portsMustBeKnownToAnApp() {
    assertThatThrownBy(() -> ManifestRules.checkPorts(List.of(EXPOSED), List.of()))
        .hasMessageContaining("port name \"http\" is not defined by any app of the pod");
    Port port = new Port(new AcName("http"), "tcp", 80, 1, false);
    assertThatCode(() -> ManifestRules.checkPorts(List.of(EXPOSED), List.of(port)))
        .doesNotThrowAnyException();
  }
}
