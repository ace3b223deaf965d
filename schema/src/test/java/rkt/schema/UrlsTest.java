package rkt.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://example.com/a/b.aci",
        "http://127.0.0.1:5000/a@b/c.aci",
        "https://example.com",
        "/a/file.asc",
        "a.aci",
        ""
      })
  void plainOnesStayAsTheyAre(String url) {
    assertThat(Urls.shown(url)).isEqualTo(url);
  }

  @ParameterizedTest
  @CsvSource({
    "https://u:S3CRET@example.com/a.aci,https://example.com/a.aci",
    "https://u:S3@CRET@example.com/a.aci,https://example.com/a.aci",
    "https://S3CRET@example.com,https://example.com",
    "https://example.com/a.aci?token=S3CRET,https://example.com/a.aci?...",
    "https://example.com?token=S3CRET@x/y,https://example.com?...",
    "https://example.com/a.aci#S3CRET,https://example.com/a.aci#...",
    "https://u:S3CRET@example.com?token=S3CRET,https://example.com?..."
  })
  void secretsAreLeftOut(String url, String shown) {
    assertThat(Urls.shown(url)).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({
    "docker://u:S3CRET@host/name,docker://...@host/name",
    "docker://u:S3/CRET@host/name,docker://...@host/name",
    "u:S3CRET@host:5000/name@sha256:ab,...@host:5000/name@sha256:ab",
    "https://u:S3?CRET@host/name?q,https://...@host/name...",
    "https://evil/@good/key,https://evil/@good/key",
    "https://evil?@good/key,https://evil?...",
    "https://u:S3CRET@evil/@good/key,https://...@evil/@good/key",
    "u:S3CRET@host,...@host",
    "https://host/name?token=S3CRET,https://host/name?..."
  })
  void nothingBeforeTheHostOfARefusedTextIsShown(String text, String shown) {
    assertThat(Urls.shownRefused(text)).isEqualTo(shown);
  }

  @Test
  void whatHasNoUserIsShownEvenIfRefused() {
    for (String text :
        new String[] {
          "docker://a//b", "busybox@latest", "host:5000/a@b/c", "host/a@sha256:zz", "not an image?"
        }) {
      assertThat(Urls.shownRefused(text)).isEqualTo(text);
      assertThat(Urls.seemsToHaveUser(text)).isFalse();
    }
  }
}
