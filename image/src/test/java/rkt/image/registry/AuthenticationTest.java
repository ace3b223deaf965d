package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import rkt.image.Diagnostics;
import rkt.image.auth.Credential;
import rkt.image.auth.Credentials;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.DockerReference;

/** What a registry that asks who we are is told, and what it is not. */
@Timeout(60)
class AuthenticationTest {
  private static final String OCI = "application/vnd.oci.image.manifest.v1+json";
  private static final byte[] MANIFEST =
      ("{\"schemaVersion\":2,\"mediaType\":\"" + OCI + "\",\"config\":{},\"layers\":[]}")
          .getBytes(StandardCharsets.UTF_8);
  private static final RegistryLimits QUICK =
      new RegistryLimits(
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofMillis(500),
          2,
          Duration.ofMillis(5),
          2);
  private static final Credential ALICE = new Credential.Basic("alice", "s3cret");
  private static final String BASIC = "Basic YWxpY2U6czNjcmV0";

  private ScriptedServer server;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedServer((request, out) -> {});
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private static Credentials of(Credential credential) {
    return new Credentials() {
      @Override
      public Optional<Credential> forHost(String hostPort) {
        return Optional.empty();
      }

      @Override
      public Optional<Credential> forRepository(String host, String repository) {
        return Optional.of(credential);
      }
    };
  }

  private PulledManifest pull(Credentials credentials) throws EngineException {
    HostRules rules = HostRules.options(true, false);
    try (Wire wire = Wire.of(rules, QUICK, Diagnostics.SILENT, "rkt/test", credentials)) {
      RegistryCaller caller = new RegistryCaller(new Place(server.host(), "a/b"), wire);
      return new ManifestPuller(caller)
          .pull("fetch x", DockerReference.parse("docker://" + server.host() + "/a/b:t"));
    }
  }

  private static void challenge(OutputStream out, String value) throws IOException {
    ScriptedServer.reply(out, 401, "", new byte[0], "WWW-Authenticate: " + value);
  }

  private static void token(OutputStream out, String token) throws IOException {
    ScriptedServer.reply(
        out,
        200,
        "application/json",
        ("{\"token\":\"" + token + "\"}").getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void basicIsAnsweredOnlyWhenAskedFor() throws Exception {
    server.script((request, out) -> {
      if (request.header("authorization").equals(BASIC)) {
        ScriptedServer.reply(out, 200, OCI, MANIFEST);
      } else {
        challenge(out, "Basic realm=\"x\"");
      }
    });
    assertThat(pull(of(ALICE)).bytes()).isEqualTo(MANIFEST);
    assertThat(server.requests().getFirst().headers()).doesNotContainKey("authorization");
  }

  @Test
  void credentialsThatAreRefusedAreNamedWithoutTheirSecret() {
    server.script((request, out) -> challenge(out, "Basic realm=\"x\""));
    assertThatThrownBy(() -> pull(of(ALICE)))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PERMISSION))
        .hasMessageContaining("\"alice\" were refused")
        .hasMessageNotContaining("s3cret");
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void withoutCredentialsTheUserIsToldWhereTheyComeFrom() {
    server.script((request, out) -> challenge(out, "Basic realm=\"x\""));
    assertThatThrownBy(() -> pull(Credentials.NONE)).hasMessageContaining("auth.d");
  }

  @Test
  void aTokenServiceIsToldOurCredentials() throws Exception {
    server.script((request, out) -> {
      if (request.target().startsWith("/token")) {
        assertThat(request.header("authorization")).isEqualTo(BASIC);
        token(out, "t");
      } else if (request.header("authorization").equals("Bearer t")) {
        ScriptedServer.reply(out, 200, OCI, MANIFEST);
      } else {
        challenge(out, "Bearer realm=\"http://" + server.host() + "/token\",service=\"s\"");
      }
    });
    assertThat(pull(of(ALICE)).bytes()).isEqualTo(MANIFEST);
  }

  @Test
  void anIdentityTokenIsExchanged() throws Exception {
    server.script((request, out) -> {
      if (request.target().startsWith("/token")) {
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.headers()).doesNotContainKey("authorization");
        assertThat(request.body())
            .contains("grant_type=refresh_token", "refresh_token=idt", "service=s")
            .contains("scope=repository%3Aa%2Fb%3Apull");
        token(out, "t");
      } else if (request.header("authorization").equals("Bearer t")) {
        ScriptedServer.reply(out, 200, OCI, MANIFEST);
      } else {
        challenge(out, "Bearer realm=\"http://" + server.host() + "/token\",service=\"s\"");
      }
    });
    assertThat(pull(of(new Credential.IdentityToken("idt"))).bytes()).isEqualTo(MANIFEST);
  }

  @Test
  void anExpiredTokenIsRenewed() throws Exception {
    AtomicInteger tokens = new AtomicInteger();
    server.script((request, out) -> {
      if (request.target().startsWith("/token")) {
        token(out, "t" + tokens.incrementAndGet());
      } else if (request.header("authorization").equals("Bearer t" + tokens.get())
          && !(request.target().endsWith("/u") && tokens.get() == 1)) {
        ScriptedServer.reply(out, 200, OCI, MANIFEST);
      } else {
        challenge(out, "Bearer realm=\"http://" + server.host() + "/token\"");
      }
    });
    HostRules rules = HostRules.options(true, false);
    try (Wire wire = Wire.of(rules, QUICK, Diagnostics.SILENT, "rkt/test", Credentials.NONE)) {
      ManifestPuller puller =
          new ManifestPuller(new RegistryCaller(new Place(server.host(), "a/b"), wire));
      for (String tag : new String[] {"t", "t", "u", "u"}) {
        puller.pull("fetch x", DockerReference.parse(server.host() + "/a/b:" + tag));
      }
    }
    assertThat(tokens).hasValue(2);
  }

  @Test
  void aRealmOnAnotherHostOverPlainHttpIsNotToldCredentials() throws Exception {
    try (ScriptedServer other = new ScriptedServer((request, out) -> token(out, "t"))) {
      server.script((request, out) ->
          challenge(
              out, "Bearer realm=\"http://localhost:" + port(other) + "/token\",service=\"s\""));
      assertThatThrownBy(() -> pull(of(ALICE)))
          .isInstanceOfSatisfying(
              EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
          .hasMessageContaining("refusing to send credentials over plain HTTP")
          .hasMessageNotContaining("s3cret");
      assertThat(other.requests()).isEmpty();
    }
  }

  private static String port(ScriptedServer server) {
    return server.host().substring(server.host().indexOf(':') + 1);
  }

  @Test
  void aRealmWithAPasswordIsRefusedAndNotShown() {
    server.script(
        (request, out) -> challenge(out, "Bearer realm=\"https://u:hunter2@127.0.0.1/token\""));
    assertThatThrownBy(() -> pull(of(ALICE)))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aPostToATokenServiceIsNotSentOnToAnotherHost() throws Exception {
    try (ScriptedServer other = new ScriptedServer((request, out) -> token(out, "t"))) {
      server.script((request, out) -> {
        if (request.target().startsWith("/token")) {
          ScriptedServer.redirect(out, "http://" + other.host() + "/token");
        } else {
          challenge(out, "Bearer realm=\"http://" + server.host() + "/token\"");
        }
      });
      assertThatThrownBy(() -> pull(of(new Credential.IdentityToken("hunter2"))))
          .hasMessageContaining("refusing to send the request on to another host")
          .hasMessageNotContaining("hunter2");
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void credentialsDoNotFollowARedirect() throws Exception {
    try (ScriptedServer other =
        new ScriptedServer((request, out) -> ScriptedServer.reply(out, 200, OCI, MANIFEST))) {
      server.script((request, out) -> {
        if (request.header("authorization").equals(BASIC)) {
          ScriptedServer.redirect(out, "http://" + other.host() + "/elsewhere");
        } else {
          challenge(out, "Basic realm=\"x\"");
        }
      });
      assertThat(pull(of(ALICE)).bytes()).isEqualTo(MANIFEST);
      assertThat(other.requests())
          .singleElement()
          .satisfies(r -> assertThat(r.headers()).doesNotContainKey("authorization"));
    }
  }

  @Test
  void aHostThatAsksAfterARedirectIsNotAnswered() throws Exception {
    try (ScriptedServer other =
        new ScriptedServer((request, out) -> challenge(out, "Basic realm=\"x\""))) {
      server.script(
          (request, out) -> ScriptedServer.redirect(out, "http://" + other.host() + "/elsewhere"));
      assertThatThrownBy(() -> pull(of(ALICE))).hasMessageContaining("401");
      assertThat(other.requests()).hasSize(1);
    }
  }

  @Test
  void aRegistryTokenThatWouldBreakTheHeaderIsRefused() {
    server.script(
        (request, out) -> challenge(out, "Bearer realm=\"http://" + server.host() + "/token\""));
    assertThatThrownBy(() -> pull(of(new Credential.Bearer("hunter2\r\nX: y"))))
        .hasMessageContaining("is not usable")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void plainHttpMayBeAllowedForOneRegistryOnly() throws Exception {
    server.script((request, out) -> ScriptedServer.reply(out, 200, OCI, MANIFEST));
    Place place = new Place(server.host(), "a/b");
    RegistryRule plain =
        new RegistryRule(
            java.util.List.of(),
            Optional.of(true),
            Optional.empty(),
            Optional.empty(),
            java.util.List.of(),
            Optional.empty(),
            Optional.empty());
    RegistryRules rules = new RegistryRules(Map.of(server.host() + "/a", plain));
    HostRules hosts = new HostRules(false, false, rules, java.util.List.of(place));
    assertThat(hosts.plainHttp(place)).isTrue();
    assertThat(hosts.plainHttp(java.net.URI.create("http://other.example/v2/a/b/"))).isFalse();
    try (Wire wire = Wire.of(hosts, QUICK, Diagnostics.SILENT, "rkt/test", Credentials.NONE)) {
      PulledManifest pulled =
          new ManifestPuller(new RegistryCaller(place, wire))
              .pull("fetch x", DockerReference.parse(server.host() + "/a/b:t"));
      assertThat(pulled.bytes()).isEqualTo(MANIFEST);
    }
  }
}
