package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Several repositories on one host, each under its own rule. */
class HostRulesTest {
  private static final Path CA = Path.of("/ca.pem");

  private static RegistryRule rule(boolean plainHttp, boolean anyCertificate, Path... ca) {
    return new RegistryRule(
        List.of(),
        Optional.of(plainHttp),
        Optional.of(anyCertificate),
        Optional.empty(),
        List.of(ca),
        Optional.empty(),
        Optional.empty());
  }

  private static HostRules rules(String... repositories) {
    return new HostRules(
        false,
        false,
        new RegistryRules(
            Map.of("h:1/lax", rule(true, true), "h:1/strict", rule(false, false, CA))),
        java.util.Arrays.stream(repositories).map(name -> new Place("h:1", name)).toList());
  }

  @Test
  void whatOneMayTheOtherMayNot() {
    for (HostRules rules : List.of(rules("lax/a", "strict/a"), rules("strict/a", "lax/a"))) {
      assertThat(rules.plainHttp(URI.create("http://h:1/v2/lax/a/manifests/t"))).isTrue();
      assertThat(rules.plainHttp(URI.create("http://h:1/v2/strict/a/manifests/t"))).isFalse();
      assertThat(rules.plainHttp(new Place("h:1", "lax/a"))).isTrue();
      assertThat(rules.plainHttp(new Place("h:1", "strict/a"))).isFalse();
      TlsSettings lax = rules.tls(URI.create("https://H:1/v2/lax/a/blobs/x"));
      TlsSettings strict = rules.tls(URI.create("https://h:1/v2/strict/a/blobs/x"));
      assertThat(lax.anyCertificate()).isTrue();
      assertThat(strict.anyCertificate()).isFalse();
      assertThat(strict.authorities()).contains(CA);
    }
  }

  @Test
  void whatIsNobodysIsUnderTheRuleOfTheHost() {
    HostRules rules = rules("lax/a", "strict/a");
    assertThat(rules.plainHttp(URI.create("http://h:1/token"))).isFalse();
    assertThat(rules.tls(URI.create("https://h:1/token")).anyCertificate()).isFalse();
    assertThat(rules.tls(URI.create("https://h:1/v2/lax/ab/blobs/x")).anyCertificate()).isFalse();
  }

  @Test
  void aHostWithOneRuleKeepsItForItsTokenService() {
    assertThat(rules("lax/a", "lax/b").plainHttp(URI.create("http://h:1/token"))).isTrue();
    assertThat(rules("strict/a").tls(URI.create("https://h:1/token")).authorities()).contains(CA);
  }
}
