package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** A direct connection is what somebody with a mistyped proxy wants least. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://[",
        "http://u:geheim@:x",
        "u:gehe im@p:1",
        "http://",
        "http://u:geheim@p:99999",
        "://p",
        "gehe@im://p:1"
      })
  void refusesNonsense(String value) {
    assertThatThrownBy(() -> choose(value, "http://a.b/"))
        .isInstanceOf(ProxyFailure.class)
        .hasMessage("the environment variable HTTP_PROXY is not the URL of a proxy");
    assertThatThrownBy(() -> proxy(Map.of("HTTP_PROXY", value), "http://a.b/"))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(proxy(Map.of("HTTP_PROXY", value), "http://127.0.0.1/")).isEmpty();
    assertThat(proxy(Map.of("HTTP_PROXY", value), "https://a.b/")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"socks5", "https", "SOCKS4"})
  void refusesKindsItDoesNotSpeak(String scheme) {
    assertThatThrownBy(() -> choose(scheme + "://u:geheim@p:1", "http://a.b/"))
        .isInstanceOf(ProxyFailure.class)
        .hasMessage(
            "the environment variable HTTP_PROXY names a proxy of a kind that rkt does not speak: "
                + scheme.toLowerCase(Locale.ROOT));
  }

  @Test
  void ignoresNonsenseAmongTheExceptions() throws Exception {
    assertThat(proxy(Map.of("HTTP_PROXY", "p:1", "NO_PROXY", ",,:,"), "http://a.b/"))
        .isEqualTo("p:1");
  }

  @Test
  void doesNotShowThePassword() throws Exception {
    assertThat(choose("http://u:geheim@p:1", "http://a.b/").orElseThrow()).hasToString("proxy p:1");
  }

  private static Optional<ProxyChoice> choose(String value, String url) throws ProxyFailure {
    return new ProxyEnvironment(Map.of("HTTP_PROXY", value)).choose(URI.create(url));
  }

  private static String proxy(Map<String, String> environment, String url) {
    Proxy proxy = new ProxyEnvironment(environment).select(URI.create(url)).getFirst();
    if (!(proxy.address() instanceof InetSocketAddress address)) {
      return "";
    }
    return address.getHostString() + ":" + address.getPort();
  }
}
