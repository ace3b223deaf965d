package rkt.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import rkt.schema.cni.CniResult.Address;

class RulesTest {
  private static final String ROUTES =
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
          + "e0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
          + "veth1\t021C10AC\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n"
          + "br0\t001C10AC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";

  @Test
  void mostSpecificRouteWins() {
    assertThat(RouteTable.linkTo(ROUTES, "172.16.28.2"))
        .contains(new RouteTable.Link("veth1", true));
    assertThat(RouteTable.linkTo(ROUTES, "172.16.28.3"))
        .contains(new RouteTable.Link("br0", false));
    assertThat(RouteTable.linkTo(ROUTES, "10.0.0.1")).isEmpty();
    assertThat(RouteTable.linkTo("", "10.0.0.1")).isEmpty();
  }

  @Test
  void rulesOfAPublishedPort() {
    Address v4 = new Address("172.16.28.2", 24, "172.16.28.1", 1);
    Address v6 = new Address("fd00::2", 64, "", 1);
    String rules =
        Nftables.rules(
            "U",
            List.of(v4, v6),
            List.of(v4),
            List.of(
                new PortMapping("a", "tcp", "", 8080, 80, 2),
                new PortMapping("b", "udp", "::1", 53, 53, 1)),
            Optional.of(new RouteTable.Link("veth1", true)));
    assertThat(rules.lines().map(String::strip))
        .startsWith("table inet rkt-U {")
        .contains(
            "iifname \"veth1\" ip daddr 127.0.0.0/8 drop",
            "meta nfproto ipv4 tcp dport 8080 dnat ip to 172.16.28.2:80",
            "meta nfproto ipv4 tcp dport 8081 dnat ip to 172.16.28.2:81",
            "meta nfproto ipv6 tcp dport 8080 dnat ip6 to [fd00::2]:80",
            "ip6 daddr ::1 udp dport 53 dnat ip6 to [fd00::2]:53",
            "ip saddr 172.16.28.2 ip daddr != { 172.16.28.2/24, 224.0.0.0/4 } masquerade");
    assertThat(Nftables.rules("U", List.of(), List.of(v4), List.of(), Optional.empty()))
        .doesNotContain("prerouting")
        .contains("masquerade");
  }
}
