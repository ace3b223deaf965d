package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class CommandTest {
  @Test
  void capturesBothStreams() throws Exception {
    // More than a pipe holds, on the stream that is not read first.
    Command.Result result =
        Command.of("/bin/sh", "-c", "head -c 300000 /dev/zero >&2; echo out; exit 3").run();
    assertThat(result.status()).isEqualTo(3);
    assertThat(result.output()).isEqualTo("out\n");
    assertThat(result.errors()).hasSize(300000);
    assertThat(result.succeeded()).isFalse();
  }

  @Test
  void inheritsNoEnvironment() throws Exception {
    assertThat(Command.of("/usr/bin/env").run().output())
        .isEqualTo("PATH=" + Command.DEFAULT_PATH + "\n");
  }

  @Test
  void cannotStart() {
    assertThatThrownBy(() -> Command.of("/no/such/program").run()).isInstanceOf(IOException.class);
  }
}
