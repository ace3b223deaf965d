package rkt.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import rkt.cli.CommandFailure;
import rkt.cli.TestConsole;
import rkt.cli.grammar.FlagSet;
import rkt.stage1.NetMode;

class NetworksTest {
  private final TestConsole console = new TestConsole();

  private NetMode mode(String... args) throws Exception {
    FlagSet flags = new FlagSet();
    Networks.flags(flags);
    flags.parse(List.of(args), true);
    return Networks.mode(new Invocation(flags, List.of(), console.console(), true));
  }

  private void refused(String message, String... args) {
    assertThatThrownBy(() -> mode(args))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining(message);
  }

  @Test
  void hostAndNone() throws Exception {
    assertThat(mode("--net=host")).isEqualTo(NetMode.HOST);
    assertThat(mode("--net=none")).isEqualTo(NetMode.NONE);
    assertThat(console.err()).isEmpty();
  }

  @Test
  void withoutTheFlagItIsNoneAndSaysSo() throws Exception {
    assertThat(mode()).isEqualTo(NetMode.NONE);
    assertThat(console.err()).contains("warning: ").contains("--net=host").hasLineCount(1);
  }

  @Test
  void otherNetworksComeLater() {
    refused("network \"default\" is not supported", "--net");
    refused("use --net=host or --net=none", "--net=all");
    refused("network \"mynet\" is not supported", "--net=mynet:IP=1.2.3.4");
    refused("cannot be combined", "--net=host,mynet");
    refused("netname must not be empty", "--net=");
    refused("found duplicate netname \"host\"", "--net=host", "--net=host");
    refused("arguments are not supported by special netname \"host\"", "--net=host:a=b");
  }
}
