package rkt.schema.appc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.schema.SchemaException;
import rkt.schema.Seeds;

class ImageManifestTest {
  /** Every field, in canonical form. */
  static final String FULL =
      """
      {"acKind":"ImageManifest","acVersion":"0.8.11","name":"example.com/app",\
      "labels":[{"name":"version","value":"1.0.0"},{"name":"os","value":"linux"},{"name":"arch","value":"amd64"}],\
      "app":{"exec":["/bin/app","--x"],\
      "eventHandlers":[{"name":"pre-start","exec":["/pre"]},{"name":"post-stop","exec":["/post"]}],\
      "user":"0","group":"0","supplementaryGIDs":[1,2],"workingDirectory":"/opt",\
      "environment":[{"name":"A","value":"b=c"},{"name":"EMPTY","value":""}],\
      "mountPoints":[{"name":"work","path":"/var/lib/work","readOnly":true},{"name":"tmp","path":"/tmp"}],\
      "ports":[{"name":"http","protocol":"tcp","port":80,"count":1,"socketActivated":true}],\
      "isolators":[{"name":"resource/memory","value":{"limit":"1G","request":"128M"}},\
      {"name":"os/linux/capabilities-retain-set","value":{"set":["CAP_NET_BIND_SERVICE"]}}],\
      "userAnnotations":{"a":"1","b":"2"},"userLabels":{"l":"v"}},\
      "annotations":[{"name":"authors","value":"Carly <c@example.com>"},\
      {"name":"created","value":"2014-10-27T19:32:27.67021798Z"}],\
      "dependencies":[{"imageName":"example.com/base","imageID":"sha512-ab12",\
      "labels":[{"name":"os","value":"linux"}],"size":22}],\
      "pathWhitelist":["/etc/ca/crt","/usr"]}\
      """;

  static ImageManifest parse(String json) {
    return ImageManifest.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String minimal(String more) {
    return "{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\",\"name\":\"a\"" + more + "}";
  }

  @Test
  void survivesWritingAndReading() {
    ImageManifest manifest = parse(FULL);
    assertThat(manifest.toJson()).isEqualTo(FULL);
    assertThat(parse(manifest.toPrettyJson())).isEqualTo(manifest);
    assertThat(manifest.nameAndVersion()).isEqualTo("example.com/app:1.0.0");
    manifest.checkRunnable();
  }

  @Test
  void writesOnlyWhatIsThere() {
    ImageManifest manifest = parse(minimal(",\"labels\":null,\"app\":null,\"pathWhitelist\":[]"));
    assertThat(manifest.toJson()).isEqualTo(minimal(""));
    assertThat(manifest).isEqualTo(ImageManifest.of(new AcIdentifier("a")));
    assertThat(manifest.toPrettyJson())
        .isEqualTo(
            "{\n\t\"acKind\": \"ImageManifest\",\n\t\"acVersion\": \"0.8.11\",\n\t\"name\": \"a\"\n}");
    assertThat(App.of(List.of(), "0", "0").toJson())
        .isEqualTo("{\"exec\":[],\"user\":\"0\",\"group\":\"0\"}");
  }

  @Test
  void ignoresUnknownFieldsAndCase() {
    assertThat(
            parse("{\"ackind\":\"ImageManifest\",\"ACVERSION\":\"0.8.11\",\"Name\":\"a\",\"x\":{}}")
                .name())
        .hasToString("a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | image manifest: ACKind must be set (line 1, column 1)",
        "[] | image manifest: must be an object, not an array (line 1, column 1)",
        "{\"acKind\":\"PodManifest\"} | image manifest: bad ACKind: PodManifest (line 1, column 1)",
        "{\"acKind\":\"ImageManifest\"} | image manifest: acVersion must be set (line 1, column 1)",
        "{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\"} | image manifest: name must be set (line 1, column 1)",
        "{\"acKind\":\"ImageManifest\",\"acVersion\":\"1\",\"name\":\"a\"} | image manifest: acVersion: SemVer is bad: \"1\" (line 1, column 39)",
        "{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\",\"name\":\"A\"} | image manifest: name: ACIdentifier must contain only lower case alphanumeric characters plus \"-._~/\": \"A\" (line 1, column 55)",
        "{\"acKind\":7} | image manifest: acKind must be a string, not a number (line 1, column 11)",
      })
  void refusesHeads(String json, String message) {
    assertThatThrownBy(() -> parse(json)).isInstanceOf(SchemaException.class).hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"labels\":[{\"name\":\"name\",\"value\":\"x\"}] | labels[0]: invalid label name: \"name\"",
        "\"labels\":[{\"name\":\"a\",\"value\":\"x\"},{\"name\":\"a\",\"value\":\"y\"}] | labels: duplicate labels of name \"a\"",
        "\"labels\":[{\"name\":\"os\",\"value\":\"x\"}] | bad os \"x\" (must be one of: [darwin freebsd linux])",
        "\"labels\":{} | labels must be an array, not an object",
        "\"labels\":[7] | labels[0] must be an object, not a number",
        "\"labels\":[{}] | labels[0]: name must be set",
        "\"annotations\":[{\"name\":\"created\",\"value\":\"now\"}] | annotations[0]: bad Date: \"now\"",
        "\"pathWhitelist\":[\"a\"] | pathWhitelist must be an absolute path: \"a\"",
        "\"dependencies\":[{}] | dependencies[0]: imageName must be set",
        "\"dependencies\":[{\"imageName\":\"b\",\"imageID\":\"md5-1\"}] | dependencies[0]: unrecognized hash type: md5",
        "\"dependencies\":[{\"imageName\":\"b\",\"size\":-1}] | dependencies[0]: size of dependency must not be negative",
        "\"app\":[] | app must be an object, not an array",
        "\"app\":{} | app: user must be set",
        "\"app\":{\"user\":\"0\"} | app: group must be set",
        "\"app\":{\"exec\":\"/bin/sh\",\"user\":\"0\",\"group\":\"0\"} | app.exec must be an array, not a string",
        "\"app\":{\"exec\":[\"a\\u0000b\"],\"user\":\"0\",\"group\":\"0\"} | app: exec must not contain a NUL character",
        "\"app\":{\"user\":\"0\",\"group\":\"0\",\"workingDirectory\":\"x\"} | app: workingDirectory must be an absolute path",
        "\"app\":{\"user\":\"0\",\"group\":\"0\",\"environment\":[{\"name\":\"1A\"}]} | app.environment[0]: environment variable does not have valid identifier",
        "\"app\":{\"user\":\"0\",\"group\":\"0\",\"environment\":[{\"name\":\"A\",\"value\":\"\"},{\"name\":\"A\",\"value\":\"\"}]} | app: duplicate environment variables of name \"A\"",
        "\"app\":{\"user\":\"0\",\"group\":\"0\",\"eventHandlers\":[{\"name\":\"x\",\"exec\":[]}]} | app.eventHandlers[0]: bad eventHandler name: \"x\"",
        "\"app\":{\"user\":\"0\",\"group\":\"0\",\"eventHandlers\":[{\"name\":\"pre-start\"},{\"name\":\"pre-start\"}]} | app: duplicate eventHandlers of name \"pre-start\"",
        "\"app\":{\"user\":\"0\",\"group\":\"0\",\"mountPoints\":[{\"name\":\"A\",\"path\":\"/\"}]} | app.mountPoints[0]: ACName must",
        "\"app\":{\"user\":\"0\",\"group\":\"0\",\"mountPoints\":[{\"name\":\"a\",\"path\":\"\"}]} | app.mountPoints[0]: path of mountPoint must not be empty",
        "\"app\":{\"user\":\"0\",\"group\":\"0\",\"ports\":[{\"name\":\"a\",\"protocol\":\"tcp\"}]} | app.ports[0]: port must be in 1-65535 range",
        "\"app\":{\"user\":\"0\",\"group\":\"0\",\"supplementaryGIDs\":[-1]} | app: supplementaryGIDs must not be negative",
        "\"app\":{\"user\":\"0\",\"group\":\"0\",\"isolators\":[{\"name\":\"x\",\"value\":1}]} | app: invalid isolator",
        "\"app\":{\"user\":\"0\",\"group\":\"0\",\"isolators\":[{\"name\":\"os/linux/cpu-shares\",\"value\":1}]} | app.isolators[0]: os/linux/cpu-shares must be between",
        "\"app\":{\"user\":\"0\",\"group\":\"0\",\"userLabels\":{\"a\":1}} | app.userLabels.a must be a string, not a number",
      })
  void refusesFields(String field, String message) {
    assertThatThrownBy(() -> parse(minimal("," + field)))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith("image manifest: ")
        .hasMessageContaining(message)
        .message()
        .matches("(?s).* \\(line 1, column \\d+\\)");
  }

  @Test
  void hostileManifestsEndInALocatedErrorOrStayValid() {
    Seeds.repeat(
        10_000,
        random -> {
          byte[] json = Seeds.mutate(random, FULL);
          try {
            ImageManifest manifest = ImageManifest.parse(json);
            assertThat(parse(manifest.toJson())).isEqualTo(manifest);
          } catch (SchemaException e) {
            assertThat(e.getMessage())
                .matches("(?s)image manifest: .* \\(line \\d+, column \\d+\\)");
          }
        });
  }

  @Test
  void copiesChangeOneField() {
    App app = parse(FULL).app().orElseThrow();
    assertThat(app.withExec(List.of("x")).exec()).containsExactly("x");
    assertThat(app.withExec(List.of("x")).withExec(app.exec())).isEqualTo(app);
    assertThat(app.withUser("u").user()).isEqualTo("u");
    assertThat(app.withGroup("g").group()).isEqualTo("g");
    assertThat(app.withSupplementaryGids(List.of(9)).supplementaryGids()).containsExactly(9);
    assertThat(app.withWorkingDirectory("/w").workingDirectory()).isEqualTo("/w");
    assertThat(app.withEnvironment(List.of()).environment()).isEmpty();
    assertThat(app.withMountPoints(List.of()).mountPoints()).isEmpty();
    assertThat(app.withPorts(List.of()).ports()).isEmpty();
    assertThat(app.withIsolators(List.of()).isolators()).isEmpty();
    assertThat(app.withEventHandlers(List.of()).eventHandlers()).isEmpty();
    assertThat(app.withUserAnnotations(Map.of()).userAnnotations()).isEmpty();
    assertThat(app.withUserLabels(Map.of()).userLabels()).isEmpty();
  }
}
