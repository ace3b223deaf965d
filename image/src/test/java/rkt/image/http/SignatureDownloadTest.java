package rkt.image.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignatureDownloadTest {
  @ParameterizedTest
  @CsvSource({
    "http://h/image,http://h/image.aci.asc",
    "http://h/image.aci,http://h/image.aci.asc",
    "https://h:8443/a/image.aci?foo=bar&baz=quux#blah,https://h:8443/a/image.aci.asc?foo=bar&baz=quux#blah",
    "https://h/a%20b.aci,https://h/a%20b.aci.asc"
  })
  void isBesideTheImage(String image, String signature) {
    assertThat(SignatureDownload.location(URI.create(image))).hasToString(signature);
  }

  @Test
  void theSameForFiles() {
    assertThat(SignatureDownload.beside("/a/image.aci")).isEqualTo("/a/image.aci.asc");
    assertThat(SignatureDownload.beside("/a/image")).isEqualTo("/a/image.aci.asc");
  }
}
