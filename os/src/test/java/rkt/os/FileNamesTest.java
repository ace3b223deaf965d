package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FileNamesTest {
  private static String decode(int... bytes) {
    byte[] b = new byte[bytes.length];
    for (int i = 0; i < b.length; i++) {
      b[i] = (byte) bytes[i];
    }
    return FileNames.decode(b, 0, b.length);
  }

  @Test
  void decodesUtf8AndEscapesTheRest() {
    assertThat(decode('a', 0xc3, 0xa9)).isEqualTo("aé");
    assertThat(decode(0xf0, 0x9f, 0x9a, 0x80)).isEqualTo("🚀");
    assertThat(decode(0xff)).isEqualTo("\udcff");
    assertThat(decode(0xc0, 0x80)).as("overlong NUL").isEqualTo("\udcc0\udc80");
    assertThat(decode(0xed, 0xa0, 0x80)).as("surrogate").isEqualTo("\udced\udca0\udc80");
    assertThat(decode(0xe2, 0x82)).as("cut short").isEqualTo("\udce2\udc82");
    assertThat(decode(0xf4, 0x90, 0x80, 0x80)).as("beyond Unicode").hasSize(4);
  }

  @Test
  void givesEveryNameBack() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      byte[] name = new byte[random.nextInt(24)];
      random.nextBytes(name);
      String s = FileNames.decode(name, 0, name.length);
      assertThat(FileNames.encode(s)).as("seed %d round %d", seed, i).isEqualTo(name);
    }
    String text = "naïve 漢字 🚀";
    assertThat(FileNames.encode(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
  }
}
