package rkt.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import rkt.schema.appc.AcName;
import rkt.schema.appc.ExposedPort;
import rkt.schema.appc.Port;

class PublishedPortsTest {
  private static final Port HTTP = new Port(new AcName("http"), "tcp", 80);
  private static final Port MANY = new Port(new AcName("many"), "UDP", 9000, 10, false);

  private static List<PortMapping> map(List<List<Port>> ports, String... exposed) throws Exception {
    return PublishedPorts.map(List.of(exposed).stream().map(ExposedPort::parse).toList(), ports);
  }

  private static void refused(String message, List<List<Port>> ports, String... exposed) {
    assertThatThrownBy(() -> map(ports, exposed)).hasMessageContaining(message);
  }

  @Test
  void portsAreFoundByName() throws Exception {
    assertThat(map(List.of(List.of(HTTP), List.of(MANY)), "http:[::1]:8080", "many:7000"))
        .containsExactly(
            new PortMapping("http", "tcp", "::1", 8080, 80, 1),
            new PortMapping("many", "udp", "", 7000, 9000, 10));
    ExposedPort own = new ExposedPort(new AcName("x"), 5, Optional.empty(), Optional.of(HTTP));
    assertThat(PublishedPorts.map(List.of(own), List.of()))
        .containsExactly(new PortMapping("x", "tcp", "", 5, 80, 1));
  }

  /** The service manager holds their ports of the host. */
  @Test
  void socketActivatedPortsAreNotPublished() throws Exception {
    Port web = new Port(new AcName("web"), "tcp", 80, 1, true);
    assertThat(map(List.of(List.of(web, MANY)), "web:9000", "many:7000"))
        .containsExactly(new PortMapping("many", "udp", "", 7000, 9000, 10));
    refused("defined multiple apps", List.of(List.of(web), List.of(web)), "web:1");
  }

  @Test
  void namesMustBeKnownOnce() {
    refused("port name \"x\" could not be found in any apps", List.of(List.of(HTTP)), "x:1");
    refused(
        "port name \"http\" defined multiple apps",
        List.of(List.of(HTTP), List.of(HTTP)),
        "http:1");
  }

  @Test
  void conflictsAreFound() throws Exception {
    List<List<Port>> ports = List.of(List.of(HTTP, MANY, new Port(new AcName("b"), "udp", 1)));
    refused("port tcp-0.0.0.0:8080 already mapped to pod port 80", ports, "http:8080", "http:8080");
    refused("already mapped", ports, "http:8080", "http:127.0.0.1:8080");
    refused("already mapped", ports, "http:0.0.0.0:8080", "http:127.0.0.1:8080");
    refused("already mapped", ports, "many:7000", "b:7009");
    assertThat(map(ports, "http:127.0.0.1:8080", "http:127.0.0.2:8080")).hasSize(2);
    assertThat(map(ports, "http:7000", "many:7000", "b:7010")).hasSize(3);
  }

  @Test
  void numbersAndProtocolsMustMakeSense() {
    List<List<Port>> ports = List.of(List.of(MANY, new Port(new AcName("odd"), "icmp", 1)));
    refused("which is not within 1 to 65535", ports, "many:0");
    refused("65530 to 65539, which is not within", ports, "many:65530");
    refused("only tcp, udp and sctp", ports, "odd:1");
  }
}
