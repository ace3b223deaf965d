package rkt.schema.appc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.SchemaException;

class PodUuidTest {
  private static final String TEXT = "6733c088-a507-4694-aabf-0123456789ab";

  @ParameterizedTest
  @ValueSource(
      strings = {TEXT, "6733C088A5074694AABF0123456789AB", "6733c088-a5074694aabf0123456789ab-"})
  void readsEverySpelling(String text) {
    PodUuid uuid = PodUuid.parse(text);
    assertThat(uuid).hasToString(TEXT);
    assertThat(uuid.shortForm()).isEqualTo("6733c088");
    assertThat(uuid.noDashes()).isEqualTo("6733c088a5074694aabf0123456789ab");
  }

  @Test
  void refuses() {
    assertThatThrownBy(() -> PodUuid.parse("")).hasMessage("UUID cannot be empty");
    assertThatThrownBy(() -> PodUuid.parse("6733")).hasMessageStartingWith("bad UUID length != 32");
    assertThatThrownBy(() -> PodUuid.parse(TEXT + "0"))
        .hasMessageStartingWith("bad UUID length != 32");
    assertThatThrownBy(() -> PodUuid.parse("z".repeat(32))).isInstanceOf(SchemaException.class);
    assertThatThrownBy(() -> PodUuid.parse("٣".repeat(32))).isInstanceOf(SchemaException.class);
    assertThatThrownBy(() -> new PodUuid(TEXT.replace("-", "")))
        .isInstanceOf(SchemaException.class);
    assertThatThrownBy(() -> new PodUuid("../../../../../../../../etc/passwd/x"))
        .isInstanceOf(SchemaException.class);
  }

  @Test
  void randomOnesAreVersionFourAndDiffer() {
    PodUuid uuid = PodUuid.ofRandomBytes(bytes(1));
    UUID parsed = UUID.fromString(uuid.value());
    assertThat(parsed.version()).isEqualTo(4);
    assertThat(parsed.variant()).isEqualTo(2);
    assertThat(PodUuid.ofRandomBytes(bytes(2))).isNotEqualTo(uuid);
  }

  private static byte[] bytes(int seed) {
    byte[] out = new byte[16];
    new java.util.Random(seed).nextBytes(out);
    return out;
  }
}
