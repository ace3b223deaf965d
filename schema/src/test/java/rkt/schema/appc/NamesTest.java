package rkt.schema.appc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.SchemaException;
import rkt.schema.Seeds;

class NamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "0", "foo-bar", "a--b", "1-2-3"})
  void acceptsNames(String text) {
    assertThat(new AcName(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "a-", "-a", "A", "a.b", "a/b", "a_b", "é", "a b", "a\0", "٣"})
  void refusesNames(String text) {
    assertThatThrownBy(() -> new AcName(text))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith("ACName ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "example.com/app", "a/../b", "x~y_z-1.0", "coreos.com/rkt/stage1"})
  void acceptsIdentifiers(String text) {
    assertThat(new AcIdentifier(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/a", "a/", ".a", "a.", "A", "a:b", "a,b", "a b", "~", "é"})
  void refusesIdentifiers(String text) {
    assertThatThrownBy(() -> new AcIdentifier(text))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith("ACIdentifier ");
  }

  @ParameterizedTest
  @CsvSource({
    "etcd:v2.0.0, etcd-v2-0-0",
    "volume//data, volume--data",
    "80/tcp, 80-tcp",
    "--A_B--, a-b",
    "FooBar, foobar",
    "a😀b, a-b",
    "äöx, x",
  })
  void sanitizesNames(String text, String name) {
    assertThat(AcName.sanitize(text)).hasToString(name);
  }

  @ParameterizedTest
  @CsvSource({
    "coreos.com/etcd:v2.0.0, etcd-v2-0-0",
    "coreos.com/etcd, etcd",
    "docker://registry.hub.docker.com/library/fedora, fedora",
  })
  void namesAnAppAfterItsImage(String image, String name) {
    assertThat(AcName.forImage(image)).hasToString(name);
  }

  @ParameterizedTest
  @CsvSource({
    "Registry-1.Docker.io/Library/Redis, registry-1.docker.io/library/redis",
    "127.0.0.1:5000/debian, 127.0.0.1_5000/debian",
    "/a b/, a_b",
  })
  void sanitizesIdentifiers(String text, String identifier) {
    assertThat(AcIdentifier.sanitize(text)).hasToString(identifier);
  }

  @Test
  void sanitizingNothingFails() {
    assertThatThrownBy(() -> AcName.sanitize("")).hasMessage("ACName cannot be empty");
    assertThatThrownBy(() -> AcName.sanitize("/:-")).hasMessage("ACName cannot be empty");
    assertThatThrownBy(() -> AcIdentifier.sanitize("-._~/"))
        .hasMessage("ACIdentifier cannot be empty");
  }

  @Test
  void sanitizingIsSafeAndStable() {
    Seeds.repeat(
        3_000,
        random -> {
          StringBuilder text = new StringBuilder();
          for (int i = random.nextInt(12); i >= 0; i--) {
            text.append((char) random.nextInt(random.nextBoolean() ? 0x80 : 0x1_0000));
          }
          try {
            AcName name = AcName.sanitize(text.toString());
            assertThat(AcName.sanitize(name.value())).isEqualTo(name);
            AcIdentifier identifier = AcIdentifier.sanitize(text.toString());
            assertThat(AcIdentifier.sanitize(identifier.value())).isEqualTo(identifier);
          } catch (SchemaException e) {
            assertThat(e).hasMessageEndingWith("cannot be empty");
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.8.11",
        "1.30.0+git",
        "1.0.0-alpha.1+b.01",
        "0.0.0-x",
        "10.20.30",
        "1.0.0--",
        "1.0.0-0a"
      })
  void acceptsVersions(String text) {
    assertThat(new SemVer(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "01.2.3",
        "1.2.3-",
        "1.2.3+",
        "1.2.3-01",
        "1.2.3-a..b",
        "v1.2.3",
        "1.2.3 ",
        "1.2.3-é",
        "1.2.3+a+b",
        "-1.2.3",
        "99999999999999999999.0.0"
      })
  void refusesVersions(String text) {
    assertThatThrownBy(() -> new SemVer(text)).hasMessageStartingWith("SemVer is bad");
  }

  @Test
  void refusesTheZeroVersion() {
    assertThatThrownBy(() -> new SemVer("0.0.0")).hasMessage("SemVer cannot be zero");
    assertThat(new SemVer("12.1.2").major()).isEqualTo(12);
  }
}
