package rkt.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TryingTimeTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void isUpAfterTheTimeAndNotBefore() {
    TryingTime time = new TryingTime(() -> now, Duration.ofMinutes(30));
    assertThat(time.isUp()).isFalse();
    now = now.plus(Duration.ofMinutes(30));
    assertThat(time.isUp()).isFalse();
    now = now.plusMillis(1);
    assertThat(time.isUp()).isTrue();
  }
}
