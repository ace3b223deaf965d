package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;

class UrlRulesTest {
  private static final UrlRules STRICT = new UrlRules(false);
  private static final UrlRules PLAIN = new UrlRules(true);

  @Test
  void refusesPlainHttpUnlessAllowed() throws Exception {
    URI secure = URI.create("https://a/x");
    assertThatThrownBy(() -> STRICT.redirect(secure, "http://a/y"))
        .hasMessageContaining("--insecure-options=http")
        .hasMessageContaining("http://a/y");
    assertThat(PLAIN.redirect(secure, "http://a/y")).hasToString("http://a/y");
  }

  @Test
  void refusesOtherSchemesAndUserNames() {
    URI from = URI.create("https://a/x");
    for (String target :
        new String[] {
          "file:///etc/passwd",
          "ftp://a/",
          "jar:http://a!/",
          "https://user:pw@b/",
          "https:///x",
          "https://b:65536/"
        }) {
      assertThatThrownBy(() -> PLAIN.redirect(from, target))
          .as(target)
          .isInstanceOf(UrlRules.Broken.class);
    }
    assertThatThrownBy(() -> PLAIN.redirect(from, "http://[")).isInstanceOf(UrlRules.Broken.class);
    assertThatThrownBy(() -> PLAIN.redirect(from, "file:///etc/passwd"))
        .hasMessageContaining("refusing to ask file:/etc/passwd: neither http nor https");
  }

  @Test
  void resolvesRelativePlacesAndDropsFragments() throws Exception {
    assertThat(STRICT.redirect(URI.create("https://a/b/c?d"), "../e?f#g"))
        .hasToString("https://a/e?f");
  }

  @Test
  void sharesSecretsWithTheSameHostOnly() {
    assertThat(shares("https://a/x", "https://a/y")).isTrue();
    assertThat(shares("https://a/x", "https://A:443/y")).isTrue();
    assertThat(shares("http://a/x", "https://a/y")).isTrue();
    assertThat(shares("https://a/x", "http://a/y")).isFalse();
    assertThat(shares("https://a/x", "https://b/y")).isFalse();
    assertThat(shares("https://a/x", "https://a:444/y")).isFalse();
    assertThat(shares("https://a/x", "https://a.evil/y")).isFalse();
  }

  private static boolean shares(String from, String to) {
    return UrlRules.mayShareSecrets(URI.create(from), URI.create(to));
  }
}
