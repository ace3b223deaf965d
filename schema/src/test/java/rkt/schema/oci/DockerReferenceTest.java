package rkt.schema.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.SchemaException;
import rkt.schema.Seeds;

class DockerReferenceTest {
  private static final String HEX = "ab".repeat(32);

  @ParameterizedTest
  @CsvSource({
    "docker:busybox, registry-1.docker.io/library/busybox:latest, busybox",
    "docker://busybox, registry-1.docker.io/library/busybox:latest, busybox",
    "docker://busybox:latest, registry-1.docker.io/library/busybox:latest, busybox",
    "docker:registry-1.docker.io/library/busybox:latest, registry-1.docker.io/library/busybox:latest, busybox",
    "docker://docker.io/busybox, registry-1.docker.io/library/busybox:latest, busybox",
    "docker:busybox:1.0, registry-1.docker.io/library/busybox:1.0, busybox:1.0",
    "docker:repo/image, registry-1.docker.io/repo/image:latest, repo/image",
    "docker:library/a/b, registry-1.docker.io/library/a/b:latest, library/a/b",
    "docker:myregistry.example.com:4000/busybox, myregistry.example.com:4000/busybox:latest, myregistry.example.com:4000/busybox",
    "docker://LocalHost:5000/a:B_c.d-e, localhost:5000/a:B_c.d-e, localhost:5000/a:B_c.d-e",
    "docker://localhost/a, localhost/a:latest, localhost/a",
    "docker://[::1]:5000/a, [::1]:5000/a:latest, [::1]:5000/a",
    "docker://quay.io/a/b__c/d--e.f, quay.io/a/b__c/d--e.f:latest, quay.io/a/b__c/d--e.f",
    "docker://docker.io/a.b/c, registry-1.docker.io/a.b/c:latest, registry-1.docker.io/a.b/c",
  })
  void expandsAndShortens(String text, String canonical, String familiar) {
    DockerReference reference = DockerReference.parse(text);
    assertThat(reference.canonical()).isEqualTo(canonical);
    assertThat(reference.familiar()).isEqualTo(familiar);
    assertThat(DockerReference.parse(canonical)).isEqualTo(reference);
    assertThat(DockerReference.parse("docker://" + familiar)).isEqualTo(reference);
  }

  @Test
  void aDigestStandsInForTheTag() {
    DockerReference reference = DockerReference.parse("docker:busybox@sha256:" + HEX);
    assertThat(reference.canonical())
        .isEqualTo("registry-1.docker.io/library/busybox@sha256:" + HEX);
    assertThat(reference.familiar()).isEqualTo("busybox@sha256:" + HEX);
    assertThat(reference.tag()).isEmpty();
    DockerReference both = DockerReference.parse("busybox:1@sha256:" + HEX);
    assertThat(both.canonical()).isEqualTo(reference.canonical());
    assertThat(both.tag()).contains("1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "docker://",
        "docker:///x",
        "docker://UPPER/x",
        "docker://a@sha256:zz",
        "docker://a:b:c",
        "docker://a//b",
        "docker://../x",
        "docker://a:-t",
        "docker://a:",
        "docker://a/",
        "docker://h.x:0/a",
        "docker://h.x:65536/a",
        "docker://h.x:1x/a",
        "docker://-h.x/a",
        "docker://h..x/a",
        "docker://user@h.x/a",
        "docker://h.x/a?b",
        "docker://h.x/a#b",
        "docker://h.x/a b",
        "docker://h.x/a%2fb",
        "docker://a___b",
        "docker://a..b",
        "docker://a.",
        "docker://_a",
        "docker://a@sha256",
        "docker://a@md5:00",
        "docker://h.x/a\n",
        "docker://[::1/a",
        "docker://[x]:1/a",
        "docker://h.x/é"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> DockerReference.parse(text))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith("invalid docker URL \"")
        .hasMessageContaining(
            "; expected syntax is docker://[REGISTRY_HOST[:REGISTRY_PORT]/]IMAGE_NAME");
  }

  @Test
  void boundsLengths() {
    assertThat(DockerReference.parse("h.x/" + "a".repeat(255)).repository()).hasSize(255);
    assertThatThrownBy(() -> DockerReference.parse("h.x/" + "a".repeat(256)))
        .isInstanceOf(SchemaException.class);
    assertThat(DockerReference.parse("a:" + "t".repeat(128)).tag().orElseThrow()).hasSize(128);
    assertThatThrownBy(() -> DockerReference.parse("a:" + "t".repeat(129)))
        .isInstanceOf(SchemaException.class);
  }

  @Test
  void whatParsesIsStable() {
    String alphabet = "ab0.:/@-_[]A%? \u0000sha256";
    Seeds.repeat(
        20_000,
        random -> {
          StringBuilder text = new StringBuilder("docker://");
          for (int i = random.nextInt(14); i >= 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
          }
          try {
            DockerReference reference = DockerReference.parse(text.toString());
            assertThat(DockerReference.parse(reference.canonical())).isEqualTo(reference);
            assertThat(DockerReference.parse(reference.familiar())).isEqualTo(reference);
            assertThat(reference.repository()).doesNotContain("..").doesNotStartWith("/");
          } catch (SchemaException e) {
            assertThat(e).hasMessageStartingWith("invalid docker URL");
          }
        });
  }
}
