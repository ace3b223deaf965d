package rkt.schema.appc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.schema.SchemaException;
import rkt.schema.Seeds;

class PodManifestTest {
  private static final String FULL =
      """
      {"acVersion":"1.30.0+git","acKind":"PodManifest","apps":[\
      {"name":"one","image":{"name":"example.com/app","id":"sha512-ab12",\
      "labels":[{"name":"version","value":"1"}]},\
      "app":{"exec":["/bin/x"],"user":"0","group":"0"},"readOnlyRootFS":true,\
      "mounts":[{"volume":"data","path":"/data"},{"volume":"own","path":"/own",\
      "appVolume":{"name":"own","kind":"empty","mode":"0700","uid":1,"gid":2}}],\
      "annotations":[{"name":"coreos.com/rkt/stage2/stdin","value":"tty"}]},\
      {"name":"two","image":{"id":"sha256-cd"}}],\
      "volumes":[{"name":"data","kind":"host","source":"/srv","readOnly":false,"recursive":true}],\
      "isolators":[{"name":"resource/memory","value":{"limit":"1G"}}],\
      "annotations":[{"name":"coreos.com/rkt/stage1/mutable","value":"false"}],\
      "ports":[{"name":"http","hostPort":8080,"hostIP":"127.0.0.1",\
      "podPort":{"name":"http","protocol":"tcp","port":80,"count":1,"socketActivated":false}}],\
      "userAnnotations":{"a":"b"},"userLabels":{"c":"d"}}\
      """;

  private static PodManifest parse(String json) {
    return PodManifest.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String minimal(String more) {
    return "{\"acVersion\":\"1.30.0\",\"acKind\":\"PodManifest\"" + more + "}";
  }

  @Test
  void survivesWritingAndReading() {
    PodManifest pod = parse(FULL);
    assertThat(pod.toJson()).isEqualTo(FULL);
    assertThat(parse(pod.toPrettyJson())).isEqualTo(pod);
    assertThat(pod.app(new AcName("two"))).isPresent();
    assertThat(pod.volume(new AcName("gone"))).isEmpty();
  }

  @Test
  void emptyListsAreNull() {
    assertThat(parse(minimal(",\"apps\":null")).toJson())
        .isEqualTo(
            minimal(
                ",\"apps\":[],\"volumes\":null,\"isolators\":null,\"annotations\":null,\"ports\":null"));
  }

  @Test
  void emptyVolumesGetTheirDefaults() {
    PodManifest pod = parse(minimal(",\"volumes\":[{\"name\":\"v\",\"kind\":\"empty\"}]"));
    assertThat(pod.volumes()).containsExactly(Volume.empty(new AcName("v")));
    assertThat(pod.toJson())
        .contains("{\"name\":\"v\",\"kind\":\"empty\",\"mode\":\"0755\",\"uid\":0,\"gid\":0}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"apps\":[{\"name\":\"a\",\"image\":{\"id\":\"sha512-a\"}},{\"name\":\"a\",\"image\":{\"id\":\"sha512-a\"}}] | duplicate apps of name \"a\"",
        "\"volumes\":[{\"name\":\"a\",\"kind\":\"empty\"},{\"name\":\"a\",\"kind\":\"empty\"}] | duplicate volume name \"a\"",
        "\"apps\":[{\"name\":\"a\"}] | apps[0]: no image ID for app \"a\"",
        "\"apps\":[{\"name\":\"a\",\"image\":{}}] | apps[0]: no image ID for app \"a\"",
        "\"apps\":[{\"name\":\"a\",\"image\":{\"id\":\"x\"}}] | apps[0].image: badly formatted hash string",
        "\"apps\":[{\"name\":\"A\",\"image\":{\"id\":\"sha512-a\"}}] | apps[0]: ACName must",
        "\"apps\":[{\"name\":\"a\",\"image\":{\"id\":\"sha512-a\"},\"app\":{}}] | apps[0].app: user must be set",
        "\"apps\":[{\"name\":\"a\",\"image\":{\"id\":\"sha512-a\"},\"mounts\":[{\"volume\":\"v\",\"path\":\"\"}]}] | apps[0].mounts[0]: path of mount must not be empty",
        "\"volumes\":[{\"name\":\"a\",\"kind\":\"host\"}] | volumes[0]: source for host volume cannot be empty",
        "\"volumes\":[{\"name\":\"a\"}] | volumes[0]: unrecognized volume kind",
        "\"volumes\":[{\"name\":\"a\",\"kind\":\"empty\",\"uid\":\"0\"}] | volumes[0].uid must be an integer, not a string",
        "\"ports\":[{\"name\":\"a\",\"hostPort\":65536}] | ports[0]: hostPort must be in 0-65535 range",
        "\"ports\":[{\"name\":\"a\",\"hostPort\":1,\"hostIP\":\"example.com\"}] | ports[0]: hostIP is not an IP address",
        "\"isolators\":[{\"name\":\"os/linux/cpu-shares\",\"value\":2},{\"name\":\"os/linux/cpu-shares\",\"value\":2}] | isolators set contains too many instances",
        "\"userLabels\":[] | userLabels must be an object, not an array",
      })
  void refuses(String field, String message) {
    assertThatThrownBy(() -> parse(minimal("," + field)))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith("pod manifest: ")
        .hasMessageContaining(message)
        .message()
        .matches("(?s).* \\(line 1, column \\d+\\)");
  }

  @Test
  void anUnknownPodIsolatorIsKept() {
    String field = ",\"isolators\":[{\"name\":\"x/y\",\"value\":{\"deep\":[1,2]}}]";
    assertThat(parse(minimal(field)).toJson())
        .contains("{\"name\":\"x/y\",\"value\":{\"deep\":[1,2]}}");
  }

  @Test
  void hostileManifestsEndInALocatedErrorOrStayValid() {
    Seeds.repeat(
        10_000,
        random -> {
          byte[] json = Seeds.mutate(random, FULL);
          try {
            PodManifest pod = PodManifest.parse(json);
            assertThat(parse(pod.toJson())).isEqualTo(pod);
          } catch (SchemaException e) {
            assertThat(e.getMessage()).matches("(?s)pod manifest: .* \\(line \\d+, column \\d+\\)");
          }
        });
  }
}
