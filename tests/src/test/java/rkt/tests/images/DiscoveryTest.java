package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;
import static rkt.tests.harness.AciServer.tag;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rkt.tests.harness.AciServer;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** Names that lead to servers: several places, plain http, certificates that are over. */
class DiscoveryTest {
  private static final String UNCHECKED = "--insecure-options=image,tls";
  private static final String GONE = tag("https://localhost/gone.{ext}");
  private static final String CLOSED = tag("https://127.0.0.1:9/{name}.{ext}");
  private static final String OTHER = tag("https://localhost/other.{ext}");

  private Rkt rkt;
  private byte[] app;
  private byte[] other;

  @BeforeEach
  void setUp() throws IOException {
    rkt = new Rkt();
    app = Files.readAllBytes(named("localhost/app"));
    other = Files.readAllBytes(named("localhost/other"));
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Path named(String name) {
    return Images.script(rkt, name.substring(name.indexOf('/') + 1), "echo ran", "--name=" + name);
  }

  /** All places of the page are tried in its order; what went wrong with each is told. */
  @Test
  void theFirstGoodPlaceCounts() {
    try (AciServer server = new AciServer(rkt.home())) {
      server.put("app.aci", app);
      server.put("other.aci", other);
      server.discovers(GONE + CLOSED + OTHER + tag("https://localhost/{name}.{ext}"));
      Rkt.Result result = rkt.run(UNCHECKED, "run", "--net=none", "localhost/app").ok();
      assertThat(result.out()).isEqualTo("ran\n");
      assertThat(result.err())
          .contains("localhost/gone.aci", "404")
          .contains("127.0.0.1:9", "connection refused")
          .contains("\"localhost/app\" expected but \"localhost/other\" found");
      assertThat(rkt.run("image", "list", "--no-legend", "--fields=name").ok().out().strip())
          .isEqualTo("localhost/app:1.0.0");
    }
  }

  @Test
  void whenNoPlaceIsGoodAllAreNamed() {
    try (AciServer server = new AciServer(rkt.home())) {
      server.put("other.aci", other);
      server.discovers(OTHER + GONE + CLOSED);
      assertThat(rkt.run(UNCHECKED, "fetch", "localhost/app").exited(254).err())
          .contains("none of 3 places has it")
          .contains("localhost/gone.aci", "127.0.0.1:9", "localhost/other");
      assertThat(rkt.run("image", "list", "--no-legend").ok().out()).isEmpty();
    }
  }

  /** Nobody is asked over plain http unless that was said. */
  @Test
  void plainHttpIsAnOption() {
    try (AciServer server = AciServer.plain()) {
      server.put("app.aci", app);
      server.discovers(tag("http://localhost/{name}.{ext}"));
      assertThat(rkt.run("--insecure-options=image", "fetch", "localhost/app").exited(254).err())
          .contains("discovery failed for \"localhost/app\"", "connection refused")
          .contains("Plain HTTP is tried only with --insecure-options=http");
      assertThat(server.asked()).isEmpty();
      rkt.run("--insecure-options=image,http", "run", "--net=none", "localhost/app").ok();
      assertThat(server.asked()).contains("GET /localhost/app.aci");
    }
  }

  /** Who comes from elsewhere writes so, and means no web server of that name. */
  @Test
  void aNameWithoutADomainMayBeMeantForARegistry() {
    assertThat(rkt.run("fetch", "busybox:1.36").exited(254).err())
        .contains("discovery failed for \"busybox:1.36\"")
        .contains("an image of a registry is docker://busybox:1.36");
  }

  /** A page that came over https cannot send us to plain http. */
  @Test
  void anHttpsPageLeadsToNoPlainPlace() {
    try (AciServer server = new AciServer(rkt.home());
        AciServer plain = AciServer.plain()) {
      plain.put("app.aci", app);
      server.discovers(tag("http://localhost/{name}.{ext}"));
      assertThat(rkt.run(UNCHECKED, "fetch", "localhost/app").exited(254).err())
          .contains("is plain HTTP, which is not allowed (--insecure-options=http allows it)");
      assertThat(plain.asked()).isEmpty();
    }
  }

  @Test
  void aCertificateThatIsOverIsSaidToBe() {
    try (AciServer server = AciServer.expired(rkt.home())) {
      String url = server.put("app.aci", app);
      rkt.env("SSL_CERT_FILE", AciServer.authority(rkt.home()).toString());
      for (String image : new String[] {url, "localhost/app"}) {
        assertThat(rkt.run("--insecure-options=image", "fetch", image).exited(254).err())
            .contains("\"https://localhost/", "its certificate has expired (NotAfter: ")
            .contains("is this machine's clock right?", "--insecure-options=tls");
      }
      assertThat(server.asked()).isEmpty();
      rkt.run(UNCHECKED, "fetch", url).ok();
    }
  }
}
