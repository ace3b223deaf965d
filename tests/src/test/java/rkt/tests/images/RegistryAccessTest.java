package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.Certificates;
import rkt.tests.harness.Layout;
import rkt.tests.harness.Registry;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.TokenService;

/** Real registries behind TLS, passwords and tokens; pulls and pushes with what is configured. */
class RegistryAccessTest {
  private static final String SECRET = "hunter2hunter2";

  private Rkt rkt;
  private Layout layout;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    layout = Layout.make(rkt, 200_000);
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private void configure(String file, String json) {
    try {
      Path path = rkt.config().resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, json.replace('\'', '"'));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void trustAuthority(String host, Certificates certificates) {
    configure(
        "registries.d/ca.json",
        "{'rktKind':'registries','rktVersion':'v1','registries':['"
            + host
            + "'],'ca':['"
            + certificates.authority()
            + "']}");
  }

  private void credentials(String prefix, String user, String password) {
    configure(
        "auth.d/registry.json",
        "{'rktKind':'dockerAuth','rktVersion':'v1','registries':['"
            + prefix
            + "'],'credentials':{'user':'"
            + user
            + "','password':'"
            + password
            + "'}}");
  }

  private String fetched(Rkt.Result result) {
    assertThat(result.all()).doesNotContain(SECRET);
    return result.ok().out().trim();
  }

  private void refused(Rkt.Result result, String... why) {
    assertThat(result.exited(254).err()).contains(why).doesNotContain(SECRET);
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).doesNotContain("private");
  }

  private String store() {
    try (Registry plain = Registry.start(rkt)) {
      plain.push(layout.source(), "public/app:1");
      return rkt.insecure("fetch", "--full", "docker://" + plain.host() + "/public/app:1")
          .ok()
          .out()
          .trim();
    }
  }

  @Test
  void tlsByAnAuthorityOfOurOwnAndPasswords() {
    String id = store();
    Certificates certificates = Certificates.in(rkt.home());
    try (Registry registry =
        Registry.start(
            rkt, "secure", Registry.htpasswd(rkt, "alice", SECRET), Registry.tls(certificates))) {
      String ref = "docker://localhost:" + registry.port() + "/private/app:1";
      refused(rkt.run("image", "push", id, ref), "registries.d", "--insecure-options=tls");
      trustAuthority("localhost:" + registry.port(), certificates);
      refused(rkt.run("image", "push", id, ref), "401", "auth.d");
      credentials("localhost:" + registry.port() + "/private", "alice", "wrong");
      refused(rkt.run("image", "push", id, ref), "401", "\"alice\" were refused");
      credentials("localhost:" + registry.port() + "/private", "alice", SECRET);
      String digest = fetched(rkt.run("--debug", "image", "push", id, ref));
      assertThat(id).isEqualTo(digest.replace(':', '-'));
      rkt.run("image", "rm", id).ok();
      String image = "--insecure-options=image";
      assertThat(fetched(rkt.run("--debug", image, "fetch", "--full", ref))).isEqualTo(id);
      rkt.run("image", "rm", id).ok();
      credentials("localhost:" + registry.port() + "/other", "alice", SECRET);
      refused(rkt.run(image, "fetch", ref), "401", "docker login");
      assertThat(rkt.run("config").ok().out()).doesNotContain(SECRET).contains("********");
    }
  }

  /** A registry that wants to see a certificate, beside its own authority. */
  @Test
  void clientsMayHaveToShowACertificate() {
    String id = store();
    Certificates certificates = Certificates.in(rkt.home());
    String wanting =
        Registry.tls(certificates) + "    clientcas:\n      - " + certificates.authority() + "\n";
    try (Registry registry = Registry.start(rkt, "mutual", "", wanting)) {
      String host = "localhost:" + registry.port();
      String ref = "docker://" + host + "/team/app:1";
      trustAuthority(host, certificates);
      refused(rkt.run("image", "push", id, ref), "registries.d");
      configure(
          "registries.d/client.json",
          "{'rktKind':'registries','rktVersion':'v1','registries':['"
              + host
              + "/team'],'clientCertificate':'"
              + certificates.certificate()
              + "','clientKey':'"
              + certificates.key()
              + "'}");
      rkt.run("image", "push", id, ref).ok();
      rkt.run("image", "rm", id).ok();
      assertThat(fetched(rkt.run("--insecure-options=image", "fetch", "--full", ref)))
          .isEqualTo(id);
    }
  }

  /** Where docker and podman keep authorities; shown to rkt in a mount namespace of its own. */
  @Test
  void authoritiesOfOtherEnginesCount() {
    assumeTrue(Files.isDirectory(Path.of("/etc/containers")), "there is no /etc/containers");
    Certificates certificates = Certificates.in(rkt.home());
    try (Registry registry = Registry.start(rkt, "secure", "", Registry.tls(certificates))) {
      String id = store();
      String host = "localhost:" + registry.port();
      String ref = "docker://" + host + "/team/app:1";
      refused(rkt.run("image", "push", id, ref), "--insecure-options=tls");
      String push = String.join(" ", rkt.command("image", "push", id, ref));
      String script =
          "mount -t tmpfs none /etc/containers && mkdir -p /etc/containers/certs.d/%s && cp %s"
              + " /etc/containers/certs.d/%s/ca.crt && exec %s";
      Rkt.exec(
              "unshare",
              "--mount",
              "sh",
              "-c",
              script.formatted(host, certificates.authority(), host, push))
          .ok();
      refused(rkt.run("--insecure-options=image", "fetch", ref), "--insecure-options=tls");
    }
  }

  @Test
  void whatDockerLoginLeftIsUsedAndItsHelpersAreAsked() throws IOException {
    try (Registry registry =
        Registry.start(rkt, "secret", Registry.htpasswd(rkt, "alice", SECRET), "")) {
      registry.push(layout.source(), "private/app:1", "--dest-creds=alice:" + SECRET);
      String ref = "docker://" + registry.host() + "/private/app:1";
      Path docker = Files.createDirectories(rkt.home().resolve("docker"));
      rkt.env("DOCKER_CONFIG", docker.toString());
      String pair =
          Base64.getEncoder().encodeToString(("alice:" + SECRET).getBytes(StandardCharsets.UTF_8));
      secretFile(
          docker.resolve("config.json"),
          "{\"auths\":{\"" + registry.host() + "\":{\"auth\":\"" + pair + "\"}}}");
      String id = fetched(rkt.insecure("fetch", "--full", ref));
      rkt.run("image", "rm", id).ok();
      secretFile(docker.resolve("config.json"), "{\"credsStore\":\"ours\"}");
      Path helper = docker.resolve("docker-credential-ours");
      rkt.env("PATH", docker + ":" + System.getenv("PATH"));
      secretFile(helper, "#!/bin/sh\necho " + SECRET + " >&2\nexit 1\n");
      Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));
      refused(rkt.insecure("fetch", ref), "docker-credential-ours", "status 1");
      secretFile(
          helper,
          "#!/bin/sh\ncat >/dev/null\necho '{\"Username\":\"alice\",\"Secret\":\""
              + SECRET
              + "\"}'\n");
      assertThat(fetched(rkt.insecure("fetch", "--full", ref))).isEqualTo(id);
    }
  }

  private static void secretFile(Path file, String text) throws IOException {
    Files.writeString(file, text);
    if (!Files.isExecutable(file)) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Test
  void tokensAreAskedForWhatIsDone() {
    String id = store();
    Certificates certificates = Certificates.in(rkt.home());
    try (TokenService tokens = TokenService.start(certificates, "alice", SECRET);
        Registry registry = Registry.start(rkt, "tokens", tokens.section(), "")) {
      String ref = "docker://" + registry.host() + "/private/app:1";
      refused(rkt.insecure("image", "push", id, ref), "401");
      credentials(registry.host(), "alice", SECRET);
      fetched(rkt.insecure("image", "push", id, ref));
      assertThat(tokens.asked()).anyMatch(query -> query.contains("private/app:pull,push"));
      tokens.asked().clear();
      rkt.run("image", "rm", id).ok();
      assertThat(fetched(rkt.insecure("fetch", "--full", ref))).isEqualTo(id);
      // One token serves the manifest and all layers.
      assertThat(tokens.asked())
          .singleElement()
          .asString()
          .contains("scope=repository:private/app:pull", "service=test-service")
          .doesNotContain("push");
    }
  }

  @Test
  void rulesOfOneRegistry() {
    try (Registry mirror = Registry.start(rkt)) {
      mirror.push(layout.source(), "hub/library/thing:1");
      configure(
          "registries.d/hub.json",
          "{'rktKind':'registries','rktVersion':'v1','registries':['docker.io'],'mirrors':['127.0.0.1:1','"
              + mirror.host()
              + "/hub']}");
      Rkt.Result refused = rkt.run("--insecure-options=image", "fetch", "docker://thing:1");
      assertThat(refused.exited(254).err()).contains("registry-1.docker.io");
      configure(
          "registries.d/mirror.json",
          "{'rktKind':'registries','rktVersion':'v1','registries':['"
              + mirror.host()
              + "'],'insecure':['http']}");
      rkt.run("--insecure-options=image", "fetch", "docker://thing:1").ok();
      assertThat(rkt.run("image", "list", "--no-legend").ok().out())
          .contains("registry-1.docker.io/library/thing:1");
      // It is stored under the name that was asked for.
      rkt.run("fetch", "--pull-policy=never", "--insecure-options=image", "docker://thing:1").ok();
      configure(
          "registries.d/hub.json",
          "{'rktKind':'registries','rktVersion':'v1','registries':['docker.io/library'],'blocked':true}");
      assertThat(rkt.run("--insecure-options=image", "fetch", "docker://thing:1").exited(254).err())
          .contains("the configuration blocks registry-1.docker.io/library/thing");
      configure(
          "registries.d/hub.json",
          "{'rktKind':'registries','rktVersion':'v1','registries':['https://docker.io'],'mirorrs':[]}");
      assertThat(rkt.run("config").exited(254).err()).contains("hub.json", "mirorrs");
    }
  }
}
