package rkt.pod.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.image.auth.Credential;
import rkt.image.registry.RegistryRule;
import rkt.os.Kernel;

/** Kind {@code registries}, and the vectors for kinds {@code auth} and {@code dockerAuth}. */
class RegistryRuleFileTest {
  private static final String HEAD = "{'rktKind':'registries','rktVersion':'v1',";

  @TempDir private Path root;

  private Config load() throws Exception {
    return new ConfigLoader(Kernel.linux())
        .load(
            new ConfigDirs(
                root.resolve("system"), root.resolve("local"), Optional.of(root.resolve("user"))));
  }

  private void write(String file, String json) throws Exception {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, json.replace('\'', '"'));
  }

  @Test
  void everyFieldIsRead() throws Exception {
    write(
        "local/registries.d/r.json",
        HEAD
            + "'registries':['Docker.io','r.example:5000/team/'],'mirrors':['m.example/hub'],'insecure':['http'],"
            + "'ca':['/etc/ca.pem'],'clientCertificate':'/c.pem','clientKey':'/k.pem','blocked':false,'parallel':3}");
    Config config = load();
    assertThat(config.registries().byPrefix())
        .containsOnlyKeys("registry-1.docker.io", "r.example:5000/team");
    RegistryRule rule = config.registries().byPrefix().get("registry-1.docker.io");
    assertThat(rule.mirrors()).containsExactly("m.example/hub");
    assertThat(rule.plainHttp()).contains(true);
    assertThat(rule.anyCertificate()).contains(false);
    assertThat(rule.blocked()).contains(false);
    assertThat(rule.authorities()).containsExactly(Path.of("/etc/ca.pem"));
    assertThat(rule.client().orElseThrow().key()).isEqualTo(Path.of("/k.pem"));
    assertThat(rule.parallel()).contains(3);
    assertThat(config.toJson(false, false))
        .contains(
            "{\"rktVersion\":\"v1\",\"rktKind\":\"registries\",\"registries\":[\"registry-1.docker.io\"],"
                + "\"mirrors\":[\"m.example/hub\"],\"insecure\":[\"http\"],\"ca\":[\"/etc/ca.pem\"],"
                + "\"clientCertificate\":\"/c.pem\",\"clientKey\":\"/k.pem\",\"blocked\":false,\"parallel\":3}");
  }

  @Test
  void aLaterDirectoryReplacesTheRulesOfAPrefix() throws Exception {
    write(
        "system/registries.d/r.json",
        HEAD + "'registries':['a.example','b.example'],'blocked':true}");
    write("user/registries.d/r.json", HEAD + "'registries':['b.example'],'blocked':false}");
    Config config = load();
    assertThat(config.registries().byPrefix().get("a.example").blocked()).contains(true);
    assertThat(config.registries().byPrefix().get("b.example").blocked()).contains(false);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'registries':[]|no registries specified",
        "'blocked':true|no registries specified",
        "'registries':['https://r.example']|bad registry",
        "'registries':['r.example/a:tag']|bad registry",
        "'registries':['']|bad registry",
        "'registries':['r.example/UPPER']|bad registry",
        "'registries':['r.example','R.example']|are already specified",
        "'registries':['r'],'mirrors':['m.example/../x']|bad mirror",
        "'registries':['r'],'mirrors':'m'|mirrors",
        "'registries':['r'],'insecure':['ssl']|unknown word in insecure",
        "'registries':['r'],'insecure':true|insecure",
        "'registries':['r'],'ca':['ca.pem']|must be an absolute path",
        "'registries':['r'],'clientKey':'/k'|must come together",
        "'registries':['r'],'parallel':0|between 1 and 32",
        "'registries':['r'],'parallel':'2'|parallel",
        "'registries':['r'],'mirrrors':[]|unknown field \"mirrrors\"",
      })
  void mistakesAreNamedWithTheirFile(String fields, String why) throws Exception {
    write("local/registries.d/r.json", HEAD + fields + "}");
    assertThatThrownBy(this::load)
        .hasMessageContaining("failed to parse \"" + root.resolve("local/registries.d/r.json"))
        .hasMessageContaining(why);
  }

  @Test
  void dockerAuthTakesPrefixesAndTellsNoSecret() throws Exception {
    write(
        "local/auth.d/a.json",
        "{'rktKind':'dockerAuth','rktVersion':'v1','registries':['r.example/team','r.example'],"
            + "'credentials':{'user':'bar','password':'hunter2'}}");
    Config config = load();
    assertThat(config.dockerAuth().get("r.example/team"))
        .isEqualTo(new Credential.Basic("bar", "hunter2"));
    assertThat(config.toString()).doesNotContain("hunter2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'registries':[]|no registries specified",
        "'registries':'r'|registries",
        "'registries':['r']|user not specified",
        "'registries':['r'],'credentials':{}|user not specified",
        "'registries':['r'],'credentials':{'user':'','password':'p'}|user not specified",
        "'registries':['r'],'credentials':{'user':'u'}|password not specified",
        "'registries':['r'],'credentials':{'user':'u','password':''}|password not specified",
        "'registries':['r','r'],'credentials':{'user':'u','password':'p'}|credentials for docker registry \"r\" are already specified",
      })
  void dockerAuthIsStrict(String fields, String why) throws Exception {
    write("local/auth.d/a.json", "{'rktKind':'dockerAuth','rktVersion':'v1'," + fields + "}");
    assertThatThrownBy(this::load).hasMessageContaining(why);
  }
}
