package rkt.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.FlagSet;
import rkt.net.NetRequest;
import rkt.net.NetRequest.Item;
import rkt.net.NetRequest.Kind;

class NetworksTest {
  private static FlagSet flags(String... args) throws Exception {
    FlagSet flags = new FlagSet();
    Networks.flags(flags);
    PortFlag.flags(flags);
    flags.parse(List.of(args), true);
    return flags;
  }

  private static NetRequest request(String... args) throws Exception {
    return Networks.request(flags(args));
  }

  private static void refused(String message, String... args) {
    assertThatThrownBy(() -> request(args))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("invalid value in --net: ")
        .hasMessageContaining(message);
  }

  @Test
  void withoutTheFlagOrItsValueItIsTheDefault() throws Exception {
    assertThat(request()).isEqualTo(NetRequest.DEFAULT);
    assertThat(request("--net")).isEqualTo(NetRequest.DEFAULT);
    assertThat(request("--net=default").kind()).isEqualTo(Kind.NETWORKS);
  }

  @Test
  void hostWinsOverAllThenNone() throws Exception {
    assertThat(request("--net=host").kind()).isEqualTo(Kind.HOST);
    assertThat(request("--net=none").kind()).isEqualTo(Kind.NONE);
    assertThat(request("--net=a,host", "--net=none").kind()).isEqualTo(Kind.HOST);
    assertThat(request("--net=a,none").kind()).isEqualTo(Kind.NONE);
  }

  @Test
  void namesAccumulateWithTheirArguments() throws Exception {
    assertThat(request("--net=all,net1:IP=1.2.3.4;A=b", "--net=c:IP=fd00::2").items())
        .containsExactly(
            new Item("all", ""), new Item("net1", "IP=1.2.3.4;A=b"), new Item("c", "IP=fd00::2"));
  }

  @Test
  void anExistingNamespaceStandsAlone() throws Exception {
    assertThat(request("--net=ns:/run/netns/x").namespace())
        .contains(java.nio.file.Path.of("/run/netns/x"));
    refused("cannot be combined", "--net=ns:/run/netns/x,default");
    refused("needs the absolute path", "--net=ns:x");
  }

  @Test
  void badNamesAreRefused() {
    refused("netname must not be empty", "--net=");
    refused("netname must not be empty", "--net=a,,b");
    refused("found duplicate netname \"a\"", "--net=a", "--net=a");
    refused("arguments are not supported by special netname \"host\"", "--net=host:a=b");
    refused("arguments are not supported by special netname \"all\"", "--net=all:a=b");
    refused("network \"x\" provided with invalid arguments: [b]", "--net=x:b");
    refused("network \"x\" provided with invalid arguments: [a:b=c]", "--net=x:a:b=c");
  }

  @Test
  void portsNeedANetworkOfThePod() throws Exception {
    for (String net : List.of("host", "none", "ns:/x")) {
      FlagSet flags = flags("--net=" + net, "--port=http:80");
      assertThatThrownBy(() -> PortFlag.check(flags, Networks.request(flags)))
          .hasMessageContaining("--port flag does not work with");
    }
    FlagSet flags = flags("--port=http:[::1]:80");
    PortFlag.check(flags, Networks.request(flags));
    assertThat(PortFlag.ports(flags).getFirst().hostIp()).contains("::1");
  }
}
