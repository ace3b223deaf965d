package rkt.schema.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;

class CniResultTest {
  private static final String NEW =
      "{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"veth1\",\"mac\":\"aa\"},"
          + "{\"name\":\"eth0\",\"mac\":\"bb\",\"sandbox\":\"/ns\"}],"
          + "\"ips\":[{\"address\":\"10.0.0.2/24\",\"gateway\":\"10.0.0.1\",\"interface\":1},"
          + "{\"address\":\"fd00::2/64\",\"interface\":1}],"
          + "\"routes\":[{\"dst\":\"0.0.0.0/0\"},{\"dst\":\"::/0\",\"gw\":\"fd00::1\"}],"
          + "\"dns\":{\"nameservers\":[\"10.0.0.1\"]},\"own\":1}";

  private static CniResult parse(String text, String version) {
    return CniResult.parse(text.getBytes(StandardCharsets.UTF_8), version);
  }

  @Test
  void newResultsAreRead() {
    CniResult result = parse(NEW, "1.0.0");
    assertThat(result.interfaces())
        .containsExactly(
            new CniResult.Interface("veth1", "aa", ""),
            new CniResult.Interface("eth0", "bb", "/ns"));
    assertThat(result.addresses())
        .containsExactly(
            new CniResult.Address("10.0.0.2", 24, "10.0.0.1", 1),
            new CniResult.Address("fd00::2", 64, "", 1));
    assertThat(result.routes())
        .containsExactly(
            new CniResult.Route("0.0.0.0/0", ""), new CniResult.Route("::/0", "fd00::1"));
    assertThat(result.dns().nameservers()).containsExactly("10.0.0.1");
    // Fields unknown here are for the next plugin.
    assertThat(result.in("1.0.0")).isEqualTo(NEW);
  }

  @Test
  void oldResultsAreRead() {
    CniResult result =
        parse(
            "{\"ip4\":{\"ip\":\"10.0.0.2/24\",\"gateway\":\"10.0.0.1\",\"routes\":[{\"dst\":\"0.0.0.0/0\"}]},"
                + "\"ip6\":{\"ip\":\"fd00::2/64\"}}",
            "0.2.0");
    assertThat(result.addresses())
        .extracting(CniResult.Address::cidr)
        .containsExactly("10.0.0.2/24", "fd00::2/64");
    assertThat(result.routes()).hasSize(1);
    assertThat(parse("{}", "0.1.0").addresses()).isEmpty();
  }

  @Test
  void resultsAreConverted() {
    CniResult result = parse(NEW, "1.0.0");
    assertThat(result.in("0.2.0"))
        .isEqualTo(
            "{\"cniVersion\":\"0.2.0\",\"ip4\":{\"ip\":\"10.0.0.2/24\",\"gateway\":\"10.0.0.1\","
                + "\"routes\":[{\"dst\":\"0.0.0.0/0\"}]},\"ip6\":{\"ip\":\"fd00::2/64\","
                + "\"routes\":[{\"dst\":\"::/0\",\"gw\":\"fd00::1\"}]},"
                + "\"dns\":{\"nameservers\":[\"10.0.0.1\"]}}");
    assertThat(parse(result.in("0.4.0"), "0.4.0").addresses()).isEqualTo(result.addresses());
    assertThat(result.in("0.4.0")).contains("\"version\":\"6\",\"address\":\"fd00::2/64\"");
    assertThat(parse(result.in("0.2.0"), "0.2.0").routes()).isEqualTo(result.routes());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1.0.0|[]|must be an object",
        "1.0.0|{}|it has no cniVersion",
        "1.0.0|{\"cniVersion\":\"0.4.0\"}|it is of cniVersion",
        "1.0.0|{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"x/1\"}]}|no address with a prefix",
        "1.0.0|{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.0.0.1/33\"}]}|no address with a prefix",
        "1.0.0|{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.0.0.1/\"}]}|no address with a prefix",
        "1.0.0|{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.0.0.1/8\",\"gateway\":\"g\"}]}|is no IP address",
        "1.0.0|{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.0.0.1/8\",\"interface\":-2}]}|there is no interface",
        "1.0.0|{\"cniVersion\":\"1.0.0\",\"routes\":[{\"dst\":\"10.0.0.1\"}]}|is no network",
        "1.0.0|{\"cniVersion\":\"1.0.0\",\"routes\":[{\"dst\":\"0.0.0.0/0\",\"gw\":\"; drop\"}]}|is no IP address",
        "0.2.0|{\"ip4\":{\"ip\":\"fd00::1/8\"}}|other family",
        "0.2.0|{\"ip4\":{\"ip\":\"10.0.0.1/8\",\"routes\":{}}}|must be an array"
      })
  void badResultsAreRefused(String version, String text, String message) {
    assertThatThrownBy(() -> parse(text, version))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining(message);
  }

  @Test
  void errorsAreRead() {
    CniError error =
        CniError.parse(
            "{\"code\":7,\"msg\":\"m\",\"details\":\"d\"}".getBytes(StandardCharsets.UTF_8));
    assertThat(error.text()).isEqualTo("m; d");
    assertThat(error.code()).isEqualTo(7);
  }

  @Test
  void netInfoIsWhatItWas() {
    NetInfo info =
        NetInfo.of("n", "/conf", "/plugin", "eth0", "IP=1", parse(NEW, "1.0.0"))
            .with(java.util.List.of(new NetInfo.PublishedPort("http", "tcp", "", 8080, 80, 1)));
    assertThat(info.ip()).isEqualTo("10.0.0.2");
    assertThat(info.mask()).isEqualTo("255.255.255.0");
    assertThat(info.ip6()).isEqualTo("fd00::2");
    String text = NetInfo.write(java.util.List.of(info));
    assertThat(NetInfo.parse(text.getBytes(StandardCharsets.UTF_8))).containsExactly(info);
    assertThat(Json.parse(text, "").toString()).contains("\"netConf\":\"/conf\"");
  }
}
