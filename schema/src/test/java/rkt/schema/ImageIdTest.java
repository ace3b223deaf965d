package rkt.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageIdTest {
  private static final String HEX = "0123456789abcdef".repeat(4);

  @Test
  void cutsALongSha512To64Digits() {
    ImageId id = ImageId.sha512(HEX + HEX);
    assertThat(id.value()).isEqualTo("sha512-" + HEX).hasSize(71);
    assertThat(id.isFull()).isTrue();
    assertThat(id.algorithm()).isEqualTo("sha512");
    assertThat(id.hex()).isEqualTo(HEX);
  }

  @Test
  void showsNineteenCharacters() {
    assertThat(ImageId.sha256(HEX).shortForm()).isEqualTo("sha256-0123456789ab").hasSize(19);
    assertThat(new ImageId("sha512-ab").shortForm()).isEqualTo("sha512-ab");
  }

  @Test
  void aPrefixIsNotFull() {
    assertThat(new ImageId("sha512-ab").isFull()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | badly formatted hash string",
        "sha512 | badly formatted hash string",
        "sha512-ab-cd | badly formatted hash string",
        "md5-abcd | unrecognized hash type: md5",
        "sha512- | unexpected empty hash value",
        "sha512-../../etc | badly formatted hash string",
        "sha512-AB | badly formatted hash string",
        "sha256-zz | badly formatted hash string",
      })
  void refuses(String text, String message) {
    assertThatThrownBy(() -> new ImageId(text))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesALongSha256() {
    assertThatThrownBy(() -> ImageId.sha256(HEX + "0")).isInstanceOf(SchemaException.class);
  }
}
