package rkt.schema.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkConfigTest {
  private static NetworkConfig parse(String text) {
    return NetworkConfig.parse(text.getBytes(StandardCharsets.UTF_8), "f.conf");
  }

  private static NetworkConfig list(String text) {
    return NetworkConfig.parseList(text.getBytes(StandardCharsets.UTF_8), "f.conflist");
  }

  @Test
  void singlePlugin() {
    NetworkConfig config = parse("{\"name\":\"n\",\"type\":\"ptp\",\"ipMasq\":true}");
    assertThat(config.version()).isEqualTo("0.1.0");
    assertThat(config.single()).isTrue();
    assertThat(config.ipMasq()).isTrue();
    assertThat(config.plugins()).extracting(PluginConfig::type).containsExactly("ptp");
  }

  @Test
  void listOfPlugins() {
    NetworkConfig config =
        list(
            "{\"cniVersion\":\"1.1.0\",\"cniVersions\":[\"0.4.0\",\"1.1.0\",\"7.0.0\"],\"name\":\"n\","
                + "\"disableCheck\":true,\"disableGC\":true,\"plugins\":[{\"type\":\"a\"},"
                + "{\"type\":\"b\",\"capabilities\":{\"portMappings\":true,\"mac\":false}}]}");
    assertThat(config.versions()).containsExactly("0.4.0", "1.1.0");
    assertThat(config.disableCheck() && config.disableGc()).isTrue();
    assertThat(config.wants("portMappings")).isTrue();
    assertThat(config.wants("mac")).isFalse();
  }

  @Test
  void inputKeepsWhatTheAuthorWrote() {
    PluginConfig plugin =
        parse("{\"name\":\"n\",\"type\":\"p\",\"x\":{\"y\":[1.50]},\"prevResult\":1}")
            .plugins()
            .getFirst();
    assertThat(plugin.input("n", "1.0.0", "{\"mac\":\"m\"}", "{}"))
        .isEqualTo(
            "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"type\":\"p\",\"x\":{\"y\":[1.50]},"
                + "\"runtimeConfig\":{\"mac\":\"m\"},\"prevResult\":{}}");
    assertThat(GcInput.of(plugin, "n", "1.1.0", List.of(new GcInput.Attachment("c", "eth0"))))
        .endsWith(",\"cni.dev/valid-attachments\":[{\"containerID\":\"c\",\"ifname\":\"eth0\"}]}");
  }

  @Test
  void versionInCommon() {
    assertThat(CniVersion.common("1.1.0", List.of(List.of("0.3.0", "0.4.0"), List.of("0.4.0"))))
        .contains("0.4.0");
    assertThat(CniVersion.common("0.3.0", List.of(List.of("0.4.0")))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{|line 1",
        "[]|must be an object",
        "{\"type\":\"p\"}|name must be set",
        "{\"name\":\"\",\"type\":\"p\"}|name: must not be empty",
        "{\"name\":\"..\",\"type\":\"p\"}|name: must not be empty",
        "{\"name\":\"a/b\",\"type\":\"p\"}|name: must not be empty",
        "{\"name\":\"n\"}|type must be set",
        "{\"name\":\"n\",\"type\":\"../p\"}|type: must be the name of a plugin",
        "{\"name\":\"n\",\"type\":\"p\",\"ipam\":7}|ipam must be an object",
        "{\"name\":\"n\",\"type\":\"p\",\"plugins\":[]}|belongs into a file that ends in .conflist",
        "{\"name\":\"n\",\"type\":\"p\",\"cniVersion\":\"0.5.0\"}|is not supported"
      })
  void badFilesAreNamed(String text, String message) {
    assertThatThrownBy(() -> parse(text))
        .hasMessageContaining("f.conf")
        .hasMessageContaining(message);
  }

  @Test
  void badListsAreNamed() {
    assertThatThrownBy(() -> list("{\"name\":\"n\",\"plugins\":[]}"))
        .hasMessageContaining("f.conflist")
        .hasMessageContaining("at least one plugin");
    assertThatThrownBy(() -> list("{\"name\":\"n\",\n\"plugins\":[{\"type\":1}]}"))
        .hasMessageContaining("plugins[0].type")
        .hasMessageContaining("line 2");
  }
}
