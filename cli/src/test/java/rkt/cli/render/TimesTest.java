package rkt.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimesTest {
  @ParameterizedTest
  @CsvSource({
    "0,now",
    "1,1 second ago",
    "2,2 seconds ago",
    "59,59 seconds ago",
    "60,1 minute ago",
    "119,1 minute ago",
    "120,2 minutes ago",
    "3599,59 minutes ago",
    "3600,1 hour ago",
    "7199,1 hour ago",
    "7200,2 hours ago",
    "86399,23 hours ago",
    "86400,1 day ago",
    "172800,2 days ago",
    "604800,1 week ago",
    "1209600,2 weeks ago",
    "2592000,1 month ago",
    "5184000,2 months ago",
    "31104000,1 year ago",
    "46656000,2 years ago",
    "62208000,2 years ago",
    "93312000,3 years ago",
    "1150848000,a long while ago",
    "-1,1 second from now",
    "-7200,2 hours from now",
  })
  void relative(long secondsAgo, String text) {
    assertThat(Times.relative(2_000_000_000L - secondsAgo, 2_000_000_000L)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0,1970-01-01 00:00:00 +0000 UTC",
    "1453814614631000000,2016-01-26 13:23:34.631 +0000 UTC",
    "1453814614630000000,2016-01-26 13:23:34.63 +0000 UTC",
    "1453814614600999999,2016-01-26 13:23:34.6 +0000 UTC",
    "1453814614005000000,2016-01-26 13:23:34.005 +0000 UTC",
    "1453814614000999999,2016-01-26 13:23:34 +0000 UTC",
    "951782400000000000,2000-02-29 00:00:00 +0000 UTC",
    "-1000000000,1969-12-31 23:59:59 +0000 UTC",
  })
  void fullInUtc(long nanos, String text) {
    assertThat(Times.full(nanos, LocalZone.UTC)).isEqualTo(text);
  }

  @Test
  void everyDayOfFourCenturiesHasItsDate() {
    for (LocalDate day = LocalDate.of(1890, 1, 1); day.getYear() < 2290; day = day.plusDays(1)) {
      Instant noon = day.atTime(12, 0).toInstant(ZoneOffset.UTC);
      if (Math.abs(noon.getEpochSecond()) < Long.MAX_VALUE / 1_000_000_000L) {
        assertThat(Times.full(noon.getEpochSecond() * 1_000_000_000L, LocalZone.UTC))
            .isEqualTo(day + " 12:00:00 +0000 UTC");
      }
    }
  }
}
