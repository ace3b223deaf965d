package rkt.cli.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The zone reader agrees with {@code java.time}, whose start-up cost is why it exists. */
class LocalZoneTest {
  private static final Path DATABASE = Path.of("/usr/share/zoneinfo");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Europe/Berlin",
        "America/New_York",
        "Australia/Sydney",
        "Asia/Kolkata",
        "Europe/Dublin",
        "America/St_Johns",
        "Pacific/Apia",
        "UTC",
      })
  void agreesWithJavaTime(String name) throws IOException {
    Path file = DATABASE.resolve(name);
    Assumptions.assumeTrue(Files.isRegularFile(file), "no time zone database on this machine");
    LocalZone zone = LocalZone.parse(Files.readAllBytes(file));
    long seed = 42;
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      long second = 946_684_800L + random.nextLong(100L * 365 * 86_400);
      int expected =
          ZoneId.of(name).getRules().getOffset(Instant.ofEpochSecond(second)).getTotalSeconds();
      assertThat(zone.at(second).seconds())
          .as("%s at %d, seed %d", name, second, seed)
          .isEqualTo(expected);
    }
  }

  /** A slim file: no transitions, everything in the footer. */
  private static byte[] slim(String rule) {
    ByteBuffer file = ByteBuffer.allocate(256);
    for (int block = 0; block < 2; block++) {
      file.put("TZif2".getBytes(StandardCharsets.US_ASCII)).put(new byte[15]);
      file.putInt(0).putInt(0).putInt(0).putInt(0).putInt(1).putInt(4);
      file.putInt(3600).put((byte) 0).put((byte) 0);
      file.put("CET\0".getBytes(StandardCharsets.US_ASCII));
    }
    file.put(('\n' + rule + '\n').getBytes(StandardCharsets.US_ASCII));
    byte[] bytes = new byte[file.position()];
    file.flip().get(bytes);
    return bytes;
  }

  @Test
  void footerRules() {
    LocalZone zone = LocalZone.parse(slim("CET-1CEST,M3.5.0,M10.5.0/3"));
    assertThat(Times.full(1_453_814_614_631_000_000L, zone))
        .isEqualTo("2016-01-26 14:23:34.631 +0100 CET");
    // 2026-03-29 01:00 UTC is when summer time begins, 2026-10-25 01:00 UTC when it ends.
    assertThat(zone.at(1_774_745_999L).abbreviation()).isEqualTo("CET");
    assertThat(zone.at(1_774_746_000L).abbreviation()).isEqualTo("CEST");
    assertThat(zone.at(1_792_889_999L).abbreviation()).isEqualTo("CEST");
    assertThat(zone.at(1_792_890_000L).abbreviation()).isEqualTo("CET");
  }

  @Test
  void southernSummerSpansNewYear() {
    LocalZone zone = LocalZone.parse(slim("AEST-10AEDT,M10.1.0,M4.1.0/3"));
    assertThat(zone.at(1_767_225_600L).abbreviation()).isEqualTo("AEDT");
    assertThat(zone.at(1_782_864_000L).abbreviation()).isEqualTo("AEST");
  }

  @Test
  void quotedNamesJulianDaysAndNegativeOffsets() {
    assertThat(Times.full(0, LocalZone.parse(slim("<-03>3"))))
        .isEqualTo("1969-12-31 21:00:00 -0300 -03");
    LocalZone julian = LocalZone.parse(slim("X0Y,J60/0,J61/0"));
    // March 1st is day 60 whether or not the year leaps.
    assertThat(julian.at(1_709_251_200L).abbreviation()).isEqualTo("Y");
    assertThat(julian.at(1_740_787_200L).abbreviation()).isEqualTo("Y");
    assertThat(julian.at(1_740_787_199L).abbreviation()).isEqualTo("X");
  }

  @Test
  void rubbishIsRefusedNotFollowed() {
    assertThatThrownBy(() -> LocalZone.parse(new byte[] {1, 2, 3}))
        .isInstanceOf(RuntimeException.class);
    byte[] hugeCounts = slim("CET-1");
    hugeCounts[20] = 0x7f;
    assertThatThrownBy(() -> LocalZone.parse(hugeCounts)).isInstanceOf(RuntimeException.class);
  }
}
