package rkt.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What follows the UUID on the command line of enter. */
class EnterCommandTest {
  @Test
  void theCommandIsTakenAsItIs() {
    assertThat(EnterCommand.command(List.of("uuid", "ls", "--", "-l")))
        .containsExactly("ls", "--", "-l");
    assertThat(EnterCommand.command(List.of("uuid"))).isEmpty();
  }

  @Test
  void aDoubleDashMayStandBeforeIt() {
    assertThat(EnterCommand.command(List.of("uuid", "--", "ls", "-l"))).containsExactly("ls", "-l");
    assertThat(EnterCommand.command(List.of("uuid", "--"))).isEmpty();
  }
}
