package rkt.image.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.App;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.OsArch;

class ManifestFlagsTest {
  @Test
  void everyFlagHasItsPlace() throws Exception {
    ImageManifest manifest =
        ManifestFlags.toManifest(
            Map.ofEntries(
                Map.entry("name", List.of("example.com/app")),
                Map.entry("exec", List.of("/bin/app", "--flag")),
                Map.entry("label", List.of("version=1.0", "channel=a=b")),
                Map.entry("env", List.of("A=1", "B=x=y,z", "A=2")),
                Map.entry(
                    "port",
                    List.of(
                        "http:80",
                        "dns:udp:53",
                        "name=grpc,port=9000,count=3,socketActivated=true")),
                Map.entry(
                    "mount",
                    List.of("data:/data", "conf:/etc/a:b:ro", "volume=v,target=/v,readOnly=true")),
                Map.entry("user", List.of("www")),
                Map.entry("group", List.of("33")),
                Map.entry("supplementary-gids", List.of("1,2", "3")),
                Map.entry("working-dir", List.of("/srv")),
                Map.entry("annotation", List.of("authors=me <me@example.com>")),
                Map.entry("isolator", List.of("os/linux/cpu-shares=512")),
                Map.entry(
                    "dependency", List.of("example.com/base:2,os=linux@sha512-" + "a".repeat(64)))),
            List.of("-x"));
    assertThat(manifest.nameAndVersion()).isEqualTo("example.com/app:1.0");
    assertThat(manifest.labels().get("channel")).contains("a=b");
    assertThat(manifest.labels().get("os")).contains("linux");
    assertThat(manifest.labels().get("arch")).contains(OsArch.host());
    App app = manifest.app().orElseThrow();
    assertThat(app.exec()).containsExactly("/bin/app", "--flag", "-x");
    assertThat(app.environment()).hasToString("[B=x=y,z, A=2]");
    assertThat(app.ports())
        .extracting(
            port -> port.name() + " " + port.protocol() + " " + port.port() + " " + port.count())
        .containsExactly("http tcp 80 1", "dns udp 53 1", "grpc tcp 9000 3");
    assertThat(app.mountPoints())
        .extracting(mount -> mount.name() + " " + mount.path() + " " + mount.readOnly())
        .containsExactly("data /data false", "conf /etc/a:b true", "v /v true");
    assertThat(app.user() + ":" + app.group() + app.supplementaryGids())
        .isEqualTo("www:33[1, 2, 3]");
    assertThat(app.workingDirectory()).isEqualTo("/srv");
    assertThat(app.isolators())
        .singleElement()
        .satisfies(i -> assertThat(i.name()).isEqualTo("os/linux/cpu-shares"));
    assertThat(manifest.dependencies())
        .singleElement()
        .satisfies(d -> assertThat(d.imageId()).isPresent());
    assertThat(manifest.toJson())
        .isEqualTo(
            ImageManifest.parse(manifest.toJson().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .toJson());
  }

  @Test
  void execMayBeOneArray() throws Exception {
    ImageManifest manifest =
        ManifestFlags.toManifest(
            Map.of("name", List.of("a"), "exec", List.of("[\"/bin/sh\", \"-c\", \"echo hi\"]")),
            List.of());
    assertThat(manifest.app().orElseThrow().exec()).containsExactly("/bin/sh", "-c", "echo hi");
    assertThat(manifest.app().orElseThrow().user()).isEqualTo("0");
  }

  @Test
  void anImageNeedsNoApp() throws Exception {
    assertThat(ManifestFlags.toManifest(Map.of("name", List.of("a")), List.of()).app()).isEmpty();
  }

  @Test
  void aManifestFileIsTakenAsItIs(@TempDir Path directory) throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("manifest"),
            """
            {"acKind":"ImageManifest","acVersion":"0.8.9","name":"old",
             "app":{"exec":["/old"],"user":"1","group":"2","environment":[{"name":"A","value":"1"}]}}
            """);
    ImageManifest same =
        ManifestFlags.toManifest(Map.of("manifest", List.of(file.toString())), List.of());
    assertThat(same.toJson()).isEqualTo(ImageManifest.parse(Files.readAllBytes(file)).toJson());
    ImageManifest changed =
        ManifestFlags.toManifest(
            Map.of(
                "manifest",
                List.of(file.toString()),
                "name",
                List.of("new"),
                "user",
                List.of("9"),
                "env",
                List.of("A=2")),
            List.of());
    assertThat(changed.name().value()).isEqualTo("new");
    assertThat(changed.labels().isEmpty()).isTrue();
    assertThat(changed.app().orElseThrow())
        .satisfies(app -> {
          assertThat(app.exec()).containsExactly("/old");
          assertThat(app.user()).isEqualTo("9");
          assertThat(app.group()).isEqualTo("2");
          assertThat(app.environment()).hasToString("[A=2]");
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name|UPPER|--name",
        "label|novalue|NAME=VALUE",
        "label|name=x|invalid label name",
        "label|os=plan9|bad os",
        "env|1A=x|identifier",
        "port|http|NAME:[PROTOCOL:]PORT",
        "port|http:0|1-65535",
        "port|http:x|not a number",
        "port|name=a,port=1,colour=red|unknown parameter",
        "port|name=a,port=1,port=2|multiple values",
        "port|name=a|missing parameter \"port\"",
        "mount|data|NAME:PATH[:ro]",
        "mount|data:|--mount",
        "supplementary-gids|a|must be integers",
        "working-dir|relative|working-dir",
        "isolator|os/linux/cpu-shares={|isolator",
        "dependency|a:b:c|colon",
        "dependency|a@sha512-zz|hash",
        "annotation|created=today|created",
        "nosuchflag|x|no flag --nosuchflag"
      })
  void badValuesNameTheirFlag(String flag, String value, String message) {
    Map<String, List<String>> flags =
        flag.equals("name")
            ? Map.of("name", List.of(value))
            : Map.of("name", List.of("a"), flag, List.of(value));
    assertThatThrownBy(() -> ManifestFlags.toManifest(flags, List.of()))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .hasMessageContaining(message);
  }

  @Test
  void aNameIsNeededAndOnlyOne() {
    assertThatThrownBy(() -> ManifestFlags.toManifest(Map.of(), List.of()))
        .hasMessageContaining("--name=NAME");
    assertThatThrownBy(() -> ManifestFlags.toManifest(Map.of("name", List.of("a", "b")), List.of()))
        .hasMessageContaining("may be given once");
    assertThatThrownBy(
            () -> ManifestFlags.toManifest(Map.of("manifest", List.of("/nowhere/x")), List.of()))
        .hasMessageContaining("/nowhere/x");
  }
}
