package rkt.image.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.image.Diagnostics;
import rkt.image.auth.Credential.Basic;
import rkt.image.auth.Credential.IdentityToken;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;

/**
 * Who we say we are, to whom; and that what keeps our secrets may misbehave without telling them.
 */
@Timeout(60)
class ConfiguredCredentialsTest {
  private static final String HUB = "registry-1.docker.io";

  @TempDir private Path directory;
  private final List<String> warnings = new ArrayList<>();

  private DockerLogins logins(String json) throws Exception {
    Path file = directory.resolve("config.json");
    Files.writeString(file, json.replace('\'', '"'));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return logins(Map.of("DOCKER_CONFIG", directory.toString(), "PATH", directory.toString()));
  }

  private DockerLogins logins(Map<String, String> environment) {
    Diagnostics lines =
        new Diagnostics() {
          @Override
          public void debug(String line) {}

          @Override
          public void warn(String line) {
            warnings.add(line);
          }
        };
    return DockerLogins.of(Kernel.linux(), environment, lines);
  }

  private static String auth(String pair) {
    return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static final DockerLogins NOBODY =
      DockerLogins.of(Kernel.linux(), Map.of(), Diagnostics.SILENT);

  @Test
  void aWebServerIsKnownByItsExactAddress() {
    Credentials known =
        new ConfiguredCredentials(
            Map.of("Example.com:8080", new Basic("u", "p")), Map.of(), NOBODY);
    assertThat(known.toString()).doesNotContain("p]");
    assertThat(((ConfiguredCredentials) known).forHost("example.com:8080")).isPresent();
    assertThat(((ConfiguredCredentials) known).forHost("example.com")).isEmpty();
    assertThat(((ConfiguredCredentials) known).forHost("sub.example.com:8080")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "r.example:5000,a/b,whole",
    "r.example:5000,team/x,team",
    "r.example:5000,team/deep/x,deep",
    "r.example:5000,teamwork/x,whole",
    "registry-1.docker.io,library/busybox,hub",
    "other.example,team/x,"
  })
  void theLongestPrefixOfWholeComponentsWins(String host, String repository, String user)
      throws Exception {
    Credentials known =
        new ConfiguredCredentials(
            Map.of(),
            Map.of(
                "r.example:5000",
                new Basic("whole", "p"),
                "r.example:5000/team/",
                new Basic("team", "p"),
                "R.example:5000/team/deep",
                new Basic("deep", "p"),
                "https://index.docker.io/v1/",
                new Basic("hub", "p")),
            NOBODY);
    Optional<Credential> expected =
        user == null ? Optional.empty() : Optional.of(new Basic(user, "p"));
    assertThat(known.forRepository(host, repository)).isEqualTo(expected);
  }

  @Test
  void dockersOwnLoginsAreRead() throws Exception {
    DockerLogins logins =
        logins(
            "{'auths':{'https://index.docker.io/v1/':{'auth':'"
                + auth("hub:pass:word")
                + "'},'r.example':{'auth':'"
                + auth("x:y")
                + "','identitytoken':'idt'},'r.example/ns':{'auth':'"
                + auth("ns:z")
                + "'},'empty.example':{}},'HttpHeaders':{'X':'y'}}");
    assertThat(logins.find(HUB, "library/x")).contains(new Basic("hub", "pass:word"));
    assertThat(logins.find("r.example", "a")).contains(new IdentityToken("idt"));
    assertThat(logins.find("r.example", "ns/a")).contains(new Basic("ns", "z"));
    assertThat(logins.find("empty.example", "a")).isEmpty();
    Credentials both =
        new ConfiguredCredentials(Map.of(), Map.of("r.example", new Basic("rkt", "own")), logins);
    assertThat(both.forRepository("r.example", "ns/a")).contains(new Basic("rkt", "own"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[",
        "{'auths':{'r':{'auth':'%%%hunter2'}}}",
        "{'auths':{'r':{'auth':'aHVudGVyMg=='}}}",
        "{'credsStore':'../../bin/evil'}",
        "{'credHelpers':{'r':'a b'}}",
        "{'credHelpers':{'r':'-x;y'}}"
      })
  void aDamagedFileIsAnErrorThatTellsNoSecret(String json) throws Exception {
    DockerLogins logins = logins(json);
    assertThatThrownBy(() -> logins.find("r", "a"))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("config.json")
        .hasMessageNotContaining("hunter2")
        .hasMessageNotContaining("aHVudGVyMg");
  }

  @Test
  void aFileOthersMayWriteIsPassedOver() throws Exception {
    DockerLogins logins = logins("{'credsStore':'evil'}");
    Files.setPosixFilePermissions(
        directory.resolve("config.json"), PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(logins.find("r", "a")).isEmpty();
    assertThat(warnings).singleElement().asString().contains("must belong to you or to root");
  }

  @Test
  void registryAuthFileReplacesTheOthers() throws Exception {
    Path file = directory.resolve("elsewhere.json");
    Files.writeString(file, "{\"auths\":{\"r\":{\"auth\":\"" + auth("u:p") + "\"}}}");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    DockerLogins logins =
        logins(
            Map.of("REGISTRY_AUTH_FILE", file.toString(), "DOCKER_CONFIG", directory + "/no/such"));
    assertThat(logins.find("r", "a")).contains(new Basic("u", "p"));
  }

  private void helper(String script) throws Exception {
    Path file = directory.resolve("docker-credential-fake");
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void aHelperIsAskedByItsProtocol() throws Exception {
    helper(
        "read server; echo \"$1 $server\" >> "
            + directory
            + "/asked; echo '{\"ServerURL\":\"x\",\"Username\":\"u\",\"Secret\":\"s\"}'");
    DockerLogins logins = logins("{'credsStore':'fake','auths':{'r.example':{}}}");
    assertThat(logins.find(HUB, "library/x")).contains(new Basic("u", "s"));
    assertThat(logins.find("r.example", "x")).contains(new Basic("u", "s"));
    assertThat(logins.find("r.example", "y")).isPresent();
    // Once per registry.
    assertThat(directory.resolve("asked"))
        .hasContent("get https://index.docker.io/v1/\nget r.example\n");
  }

  @Test
  void aHelperOfOneRegistryGivesAnIdentityToken() throws Exception {
    helper("echo '{\"Username\":\"<token>\",\"Secret\":\"idt\"}'");
    DockerLogins logins = logins("{'credHelpers':{'r.example':'fake'}}");
    assertThat(logins.find("r.example", "x")).contains(new IdentityToken("idt"));
    assertThat(logins.find("other.example", "x")).isEmpty();
  }

  @Test
  void aHelperMayKnowNothing() throws Exception {
    helper("echo credentials not found in native keychain; exit 1");
    assertThat(logins("{'credsStore':'fake'}").find("r", "x")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo hunter2 >&2; exit 3",
        "echo hunter2; exit 1",
        "echo '{\"Secret\":'; echo hunter2",
        "kill -9 $$",
        "head -c 1000000 /dev/zero; echo hunter2"
      })
  void aHelperThatFailsIsAnErrorThatTellsNoSecret(String script) throws Exception {
    helper(script);
    DockerLogins logins = logins("{'credsStore':'fake'}");
    assertThatThrownBy(() -> logins.find("r.example", "x"))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("docker-credential-fake")
        .hasMessageContaining("r.example")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aHelperThatHangsIsKilledWithItsChildren() throws Exception {
    helper("echo $$ > " + directory + "/pid; sleep 1000 & wait");
    CredentialHelper helper =
        new CredentialHelper(
            "fake",
            Path.of("config.json"),
            Map.of("PATH", directory + ":/usr/bin:/bin"),
            Duration.ofSeconds(1));
    assertThatThrownBy(() -> helper.get("r.example"))
        .hasMessageContaining("did not end within 1000 ms and was killed");
    long pid = Long.parseLong(Files.readString(directory.resolve("pid")).trim());
    ProcessHandle.of(pid).ifPresent(process -> process.onExit().join());
    assertThat(ProcessHandle.of(pid)).isEmpty();
  }

  @Test
  void aHelperThatIsNotInstalledIsNamed() throws Exception {
    DockerLogins logins = logins("{'credsStore':'nowhere'}");
    assertThatThrownBy(() -> logins.find("r", "x"))
        .hasMessageContaining("docker-credential-nowhere")
        .hasMessageContaining("no such program in PATH");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/b", "..", "a;b", "a b", "-é"})
  void namesOfHelpersAreWords(String name) {
    assertThatThrownBy(() -> CredentialHelper.checked(name)).isInstanceOf(SchemaException.class);
  }
}
