package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProxyEnvironmentTest {
  @Test
  void choosesByScheme() {
    Map<String, String> environment =
        Map.of("HTTP_PROXY", "http://plain:3128", "https_proxy", "secure");
    assertThat(proxy(environment, "http://example.com/")).isEqualTo("plain:3128");
    assertThat(proxy(environment, "https://example.com/")).isEqualTo("secure:80");
  }

  @Test
  void leavesOutWhatNoProxyNames() {
    Map<String, String> environment =
        Map.of("HTTPS_PROXY", "p:1", "NO_PROXY", "example.com, .corp , *.lab,exact.net:5000");
    assertThat(proxy(environment, "https://example.com/")).isEmpty();
    assertThat(proxy(environment, "https://a.example.com/")).isEmpty();
    assertThat(proxy(environment, "https://notexample.com/")).isEqualTo("p:1");
    assertThat(proxy(environment, "https://a.corp/")).isEmpty();
    assertThat(proxy(environment, "https://b.lab/")).isEmpty();
    assertThat(proxy(environment, "https://exact.net:5000/")).isEmpty();
    assertThat(proxy(environment, "https://exact.net/")).isEqualTo("p:1");
    assertThat(proxy(Map.of("HTTPS_PROXY", "p:1", "NO_PROXY", "*"), "https://x.y/")).isEmpty();
  }

  @Test
  void neverProxiesLoopback() {
    Map<String, String> environment = Map.of("HTTP_PROXY", "p:1");
    assertThat(proxy(environment, "http://127.0.0.1:5000/")).isEmpty();
    assertThat(proxy(environment, "http://localhost/")).isEmpty();
    assertThat(proxy(environment, "http://[::1]:5000/")).isEmpty();
    assertThat(proxy(environment, "http://127.evil.com/")).isEqualTo("p:1");
  }

  @Test
  void doesNotTakeAProxyFromARequestHeader() {
    assertThat(proxy(Map.of("HTTP_PROXY", "p:1", "REQUEST_METHOD", "GET"), "http://a.b/"))
        .isEmpty();
  }

  @Test
  void ignoresNonsense() {
    assertThat(proxy(Map.of("HTTP_PROXY", "http://[", "NO_PROXY", ",,:,"), "http://a.b/"))
        .isEmpty();
  }

  private static String proxy(Map<String, String> environment, String url) {
    Proxy proxy = new ProxyEnvironment(environment).select(URI.create(url)).getFirst();
    if (!(proxy.address() instanceof InetSocketAddress address)) {
      return "";
    }
    return address.getHostString() + ":" + address.getPort();
  }
}
