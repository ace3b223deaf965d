package rkt.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.FlagSet;

class StatusCommandTest {
  private static Optional<Duration> patience(String... args) throws Exception {
    FlagSet flags = new FlagSet();
    new StatusCommand().flags(flags);
    flags.parse(List.of(args), true);
    return StatusCommand.patience(flags, "wait");
  }

  @Test
  void howLongToWait() throws Exception {
    assertThat(patience()).contains(Duration.ZERO);
    assertThat(patience("--wait=false")).contains(Duration.ZERO);
    assertThat(patience("--wait=0s")).contains(Duration.ZERO);
    assertThat(patience("--wait")).isEmpty();
    assertThat(patience("--wait=true")).isEmpty();
    assertThat(patience("--wait=-1s")).isEmpty();
    assertThat(patience("--wait=1m30s")).contains(Duration.ofSeconds(90));
  }

  @Test
  void aBareWaitLeavesTheNextArgumentAlone() throws Exception {
    FlagSet flags = new FlagSet();
    new StatusCommand().flags(flags);
    assertThat(flags.parse(List.of("--wait", "uuid"), true)).containsExactly("uuid");
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> patience("--wait=soon"))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("--wait");
  }
}
