package rkt.pod.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.image.auth.Credential;
import rkt.os.Kernel;

class ConfigLoaderTest {
  @TempDir private Path root;
  private ConfigDirs dirs = ConfigDirs.DEFAULT;

  @BeforeEach
  void dirs() {
    dirs =
        new ConfigDirs(
            root.resolve("system"), root.resolve("local"), Optional.of(root.resolve("user")));
  }

  private Config load() throws Exception {
    return new ConfigLoader(Kernel.linux()).load(dirs);
  }

  private void write(String file, String json) throws Exception {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, json.replace('\'', '"'));
  }

  @Test
  void nothingThereIsNothingConfigured() throws Exception {
    assertThat(load()).isEqualTo(Config.EMPTY);
    assertThat(load().toJson(false, false))
        .isEqualTo(
            "{\"stage0\":[{\"rktVersion\":\"v1\",\"rktKind\":\"paths\",\"data\":\"\",\"stage1-images\":\"\"},"
                + "{\"rktVersion\":\"v1\",\"rktKind\":\"stage1\",\"name\":\"\",\"version\":\"\",\"location\":\"\"}]}");
  }

  @Test
  void laterDirectoriesOverrideItemByItem() throws Exception {
    write(
        "system/auth.d/a.json",
        "{'rktKind':'auth','rktVersion':'v1','domains':['a','b'],'type':'basic','credentials':{'user':'u','password':'p'}}");
    write(
        "local/auth.d/a.json",
        "{'rktKind':'auth','rktVersion':'v1','domains':['b'],'type':'oauth','credentials':{'token':'t'}}");
    write(
        "system/paths.d/p.json",
        "{'rktKind':'paths','rktVersion':'v1','data':'/d','stage1-images':'/s'}");
    write("user/paths.d/p.json", "{'rktKind':'paths','rktVersion':'v1','data':'/e'}");
    write(
        "local/runtime.d/r.json", "{'rktKind':'runtime','rktVersion':'v1','path':'/usr/bin/runc'}");
    Config config = load();
    assertThat(config.auth().get("a")).isEqualTo(new Credential.Basic("u", "p"));
    assertThat(config.auth().get("b")).isEqualTo(new Credential.Bearer("t"));
    assertThat(config.dataDir()).contains(Path.of("/e"));
    assertThat(config.stage1Images()).contains(Path.of("/s"));
    assertThat(config.runtime()).contains(Path.of("/usr/bin/runc"));
  }

  @Test
  void secretsShowOnlyWhenAskedFor() throws Exception {
    write(
        "local/auth.d/a.json",
        "{'rktKind':'dockerAuth','rktVersion':'v1','registries':['r'],'credentials':{'user':'u','password':'hunter2'}}");
    Config config = load();
    assertThat(config.toJson(true, false)).contains("\"u\"").doesNotContain("hunter2");
    assertThat(config.toJson(true, true)).contains("hunter2");
    assertThat(config.toString()).doesNotContain("hunter2");
  }

  @Test
  void onlyRegularJsonFilesCount() throws Exception {
    write("local/auth.d/readme.txt", "no");
    write("local/auth.d/sub.json/x.json", "no");
    write("elsewhere", "no");
    Files.createSymbolicLink(root.resolve("local/auth.d/link.json"), root.resolve("elsewhere"));
    assertThat(load()).isEqualTo(Config.EMPTY);
  }

  @Test
  void aFileIsNoDirectory() throws Exception {
    write("local", "x");
    assertThatThrownBy(this::load)
        .hasMessage(
            "cannot get configuration: expected \""
                + root.resolve("local")
                + "\" to be a directory");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "auth.d|{'rktVersion':'v1'}|no rktKind specified in",
        "auth.d|{'rktKind':'auth'}|no rktVersion specified in",
        "auth.d|{'rktKind':'paths','rktVersion':'v1'}|expects to have configuration files of kinds \"auth\", \"dockerAuth\", but",
        "auth.d|{'rktKind':'auth','rktVersion':'v2'}|no parser available for configuration of kind \"auth\" and version \"v2\"",
        "auth.d|{'rktKind':'auth','rktVersion':'v1'}|no domains specified",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d']}|no auth type specified",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'x'}|unknown auth type: \"x\"",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'basic'}|user not specified",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'oauth'}|no oauth bearer token specified",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'aws'}|no AWS Access Key ID specified",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d','d'],'type':'oauth','credentials':{'token':'t'}}|auth for domain \"d\" is already specified",
        "auth.d|{'rktKind':'dockerAuth','rktVersion':'v1'}|no registries specified",
        "auth.d|{'rktKind':'nope','rktVersion':'v1'}|but \"",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':'d','type':'oauth','credentials':{'token':'t'}}|domains",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':[],'type':'oauth','credentials':{'token':'t'}}|no domains specified",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'','credentials':{'token':'t'}}|no auth type specified",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'basic','credentials':{}}|user not specified",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'basic','credentials':{'user':'','password':'p'}}|user not specified",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'basic','credentials':{'user':'u'}}|password not specified",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'basic','credentials':{'user':'u','password':''}}|password not specified",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'oauth','credentials':{}}|no oauth bearer token specified",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'oauth','credentials':{'token':''}}|no oauth bearer token specified",
        "auth.d|{'rktKind':'dockerAuth','rktVersion':'v1','registries':[],'credentials':{'user':'u','password':'p'}}|no registries specified",
        "auth.d|{'rktKind':'dockerAuth','rktVersion':'v1','registries':['r'],'credentials':{'user':'','password':'p'}}|user not specified",
        "auth.d|{'rktKind':'dockerAuth','rktVersion':'v1','registries':['r'],'credentials':{'user':'u'}}|password not specified",
        "paths.d|{'rktKind':'paths','rktVersion':'v1','data':'d'}|data directory must be an absolute path",
        "paths.d|{'rktKind':'paths','rktVersion':'v1','stage1-images':'d'}|stage1 images directory must be an absolute path",
        "stage1.d|{'rktKind':'stage1','rktVersion':'v1','name':'n'}|invalid stage1 configuration: default stage1 image name specified, but version is missing",
        "stage1.d|{'rktKind':'stage1','rktVersion':'v1','version':'n'}|invalid stage1 configuration: default stage1 image version specified, but name is missing",
        "stage1.d|{'rktKind':'stage1','rktVersion':'v1','location':'a/b'}|location is either a relative path or a URL without scheme",
        "stage1.d|{'rktKind':'stage1','rktVersion':'v1','location':'ftp://a'}|has invalid scheme \"ftp\", allowed schemes are \"docker\", \"file\", \"http\", \"https\"",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'oauth','credentials':{'token':'S3CRET\\n'}}|oauth bearer token has characters that cannot be sent",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'oauth','credentials':{'token':'S3CRET '}}|oauth bearer token has characters that cannot be sent",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'oauth','credentials':{'token':'S3CRET\\u00e9'}}|oauth bearer token has characters that cannot be sent",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'aws','credentials':{'accessKeyID':'S3CRET\\r\\nX: y','secretAccessKey':'x'}}|AWS Access Key ID has characters that cannot be sent",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'aws','credentials':{'accessKeyID':'I','secretAccessKey':'x','awsRegion':'S3CRET\\n'}}|AWS region has characters that cannot be sent",
        "auth.d|{'rktKind':'auth','rktVersion':'v1','domains':['u:S3CRET@d'],'type':'oauth','credentials':{'token':'t'}}|the domain \"...@d\" must not contain a user or password",
        "auth.d|{'rktKind':'dockerAuth','rktVersion':'v1','registries':['https://u:S3CRET@r'],'credentials':{'user':'u','password':'p'}}|the registry \"https://...@r\" must not contain a user or password",
        "registries.d|{'rktKind':'registries','rktVersion':'v1','registries':['r'],'mirrors':['u:S3CRET@m/x']}|bad mirror \"...@m/x\"",
        "registries.d|{'rktKind':'registries','rktVersion':'v1','registries':['https://u:S3CRET@m']}|bad registry \"https://...@m\"",
        "stage1.d|{'rktKind':'stage1','rktVersion':'v1','location':'https://u:S3CRET@h/x.aci'}|must not contain a user or password",
        "stage1.d|{'rktKind':'stage1','rktVersion':'v1','location':'https://u:S3CRET@h/x y'}|is an invalid URL",
        "auth.d|{|failed to parse",
        "auth.d|[]|failed to parse",
      })
  void saysWhatIsWrong(String dir, String json, String message) throws Exception {
    write("local/" + dir + "/f.json", json);
    assertThatThrownBy(this::load)
        .hasMessageStartingWith("cannot get configuration: ")
        .hasMessageContaining(message)
        .hasMessageContaining("f.json")
        .hasMessageNotContaining("S3CRET");
  }

  @Test
  void namesAndPasswordsMayBeAnything() throws Exception {
    write(
        "local/auth.d/a.json",
        "{'rktKind':'auth','rktVersion':'v1','domains':['d'],'type':'basic','credentials':{'user':'\\u00fc','password':'p\\n'}}");
    assertThat(load().auth().get("d")).isEqualTo(new Credential.Basic("\u00fc", "p\n"));
  }

  @Test
  void theQueryOfALocationIsShownOnlyWhenAskedFor() throws Exception {
    write(
        "local/stage1.d/s.json",
        "{'rktKind':'stage1','rktVersion':'v1','location':'https://h/x.aci?token=S3CRET'}");
    assertThat(load().toJson(false, false))
        .contains("https://h/x.aci?...")
        .doesNotContain("S3CRET");
    assertThat(load().toJson(false, true)).contains("S3CRET");
  }

  @Test
  void oneDirectoryMustNotContradictItself() throws Exception {
    write("local/paths.d/a.json", "{'rktKind':'paths','rktVersion':'v1','data':'/a'}");
    write("local/paths.d/b.json", "{'rktKind':'paths','rktVersion':'v1','data':'/b'}");
    assertThatThrownBy(this::load).hasMessageContaining("data directory is already specified");
  }
}
