package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.AciServer;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** What {@code fetch} does for images on servers, {@code run} and {@code prepare} do as well. */
class RunFromServerTest {
  private static final String UNCHECKED = "--insecure-options=image,tls";
  private static final String SIGNED = "--insecure-options=tls";
  private static final String SHOWN = "the app has run";

  private Rkt rkt;
  private AciServer server;

  @BeforeEach
  void setUp() {
    rkt = new Rkt();
    server = new AciServer(rkt.home());
  }

  @AfterEach
  void tearDown() {
    server.close();
    rkt.close();
  }

  /** An image {@code localhost/NAME} on the server; gives its URL. */
  private String serve(String name, String... buildArgs) throws IOException {
    List<String> all = new ArrayList<>(List.of("--name=localhost/" + name));
    all.addAll(List.of(buildArgs));
    Path aci = Images.script(rkt, name, "echo " + SHOWN, all.toArray(String[]::new));
    return server.put(name + ".aci", Files.readAllBytes(aci));
  }

  private Rkt.Result run(String options, String... args) {
    List<String> all = new ArrayList<>(List.of(options, "--debug", "run", "--net=none"));
    all.addAll(List.of(args));
    return rkt.run(all.toArray(String[]::new));
  }

  private static void ran(Rkt.Result result) {
    assertThat(result.ok().out()).isEqualTo(SHOWN + "\n");
  }

  /** TestFetchAny, TestFetchNoStoreCacheControl. */
  @ParameterizedTest
  @ValueSource(strings = {"localhost/app", "https://localhost/app.aci"})
  void policiesDecideBetweenStoreAndServer(String image) throws IOException {
    serve("app");
    boolean byName = image.startsWith("localhost");
    String url = byName ? "https://localhost/localhost/app.aci" : image;
    String stored = "using image from local store for " + (byName ? "image name " : "url ") + image;
    assertThat(run(UNCHECKED, "--pull-policy=never", image).exited(254).err())
        .contains(
            "unable to fetch image from " + (byName ? "image name" : "URL") + " \"" + image + "\"");
    assertThat(server.asked()).isEmpty();
    Rkt.Result first = run(UNCHECKED, image);
    ran(first);
    assertThat(first.err())
        .contains("remote fetching from URL \"" + url + "\"", "fetching image from " + url);
    for (String policy : new String[] {"--pull-policy=new", "--pull-policy=never"}) {
      Rkt.Result again = run(UNCHECKED, policy, image);
      ran(again);
      assertThat(again.err()).contains(stored).doesNotContain("remote fetching");
    }
    Rkt.Result update = run(UNCHECKED, "--pull-policy=update", image);
    ran(update);
    assertThat(update.err())
        .contains("remote fetching from URL \"" + url + "\"")
        .contains("image for " + url + " isn't expired, not fetching.");
    assertThat(server.asked()).filteredOn(asked -> asked.endsWith("app.aci")).hasSize(1);
    assertThat(rkt.run(UNCHECKED, "--debug", "prepare", image).ok().err()).contains(stored);
  }

  /** TestAuthSanity, TestAuthBasic, TestAuthOauth. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Basic YmFyOmJheg==|local|basic|user bar password baz",
        "Basic YmFyOmJheg==|system|basic|user bar password baz",
        "Bearer sometoken|local|oauth|token sometoken",
        "Bearer sometoken|system|oauth|token sometoken"
      })
  void credentialsComeFromTheConfiguration(
      String wanted, String directory, String type, String credentials) throws IOException {
    String url = serve("app");
    assertThat(run(SIGNED, url).exited(254).err()).contains("error downloading the signature file");
    server.wants(wanted);
    assertThat(run(UNCHECKED, url).exited(254).err()).contains("bad HTTP status code: 401");
    Path file = rkt.home().resolve(directory).resolve("auth.d/a.json");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        "{\"rktKind\":\"auth\",\"rktVersion\":\"v1\",\"domains\":[\"localhost\"],\"type\":\"%s\",\"credentials\":{%s}}"
            .formatted(
                type, credentials.replaceAll("(\\S+) (\\S+)", "\"$1\":\"$2\"").replace(' ', ',')));
    ran(run(UNCHECKED, url));
    // Another server is not told.
    assertThat(run(UNCHECKED, url.replace("localhost", "127.0.0.1")).exited(254).err())
        .contains("bad HTTP status code: 401");
  }

  /** TestImageDependencies. */
  @Test
  void anAppRunsOnWhatItsImageDependsOn() throws IOException {
    Path inspect = Images.script(rkt, "inspect", "true", "--name=localhost/inspect");
    for (String[] each :
        new String[][] {
          {"e", "inspect"}, {"b"}, {"c", "b", "e"}, {"d", "b", "e"}, {"a", "b", "c", "d"}
        }) {
      Path root = Files.createDirectories(rkt.home().resolve("root-" + each[0]).resolve("from"));
      Files.writeString(root.resolve(each[0]), each[0]);
      List<String> args = new ArrayList<>(List.of("--name=localhost/" + each[0]));
      for (int i = 1; i < each.length; i++) {
        args.add("--dependency=localhost/" + each[i]);
      }
      List<String> exec =
          each[0].equals("a") ? List.of("/bin/cat", "/from/a", "/from/b", "/from/e") : List.of();
      Path aci = Images.aciOf(rkt, root.getParent(), each[0], exec, args.toArray(String[]::new));
      server.put(each[0] + ".aci", Files.readAllBytes(aci));
    }
    server.put("inspect.aci", Files.readAllBytes(inspect));
    rkt.run(UNCHECKED, "fetch", rkt.home().resolve("b.aci").toString()).ok();
    rkt.run(UNCHECKED, "fetch", inspect.toString()).ok();
    Rkt.Result result = run(UNCHECKED, "localhost/a");
    assertThat(result.ok().out()).isEqualTo("abe");
    assertThat(result.err())
        .containsSubsequence(
            "fetching image from https://localhost/localhost/a.aci",
            "using image from local store for image name localhost/b",
            "fetching image from https://localhost/localhost/c.aci",
            "fetching image from https://localhost/localhost/d.aci",
            "using image from local store for image name localhost/inspect");
  }

  /** TestDeferredSignatureDownload and, with signatures checked, TestDifferentDiscoveryLabels. */
  @Test
  void signedImages() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gpg")), "gnupg is not installed");
    Path gpgHome =
        Files.createTempDirectory(
            "gpg",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try {
      gpg(
          gpgHome,
          "--quick-generate-key",
          "Signer <signer@example.com>",
          "ed25519",
          "sign",
          "never");
      Path key = rkt.home().resolve("key.asc");
      gpg(gpgHome, "--armor", "--output", key.toString(), "--export");
      String url = serve("app", "--label=arch=" + Images.arch(), "--label=os=linux");
      Path signature = rkt.home().resolve("app.aci.asc");
      String aci = rkt.home().resolve("app.aci").toString();
      gpg(gpgHome, "--armor", "--output", signature.toString(), "--detach-sign", aci);
      server.put("app.aci.asc", Files.readAllBytes(signature));
      rkt.run("trust", "--skip-fingerprint-review", "--root", key.toString()).ok();
      server.defersSignatures();
      Rkt.Result deferred = run(SIGNED, url);
      ran(deferred);
      assertThat(deferred.err())
          .contains("server requested deferring the signature download")
          .contains("signature verified:", "  Signer <signer@example.com>");
      for (String[] each :
          new String[][] {
            {
              "version=2",
              "requested value for label \"version\": \"2\" differs from fetched aci label value: \"1.0.0\""
            },
            {"version=latest", "requested value for label \"version\": \"latest\" differs"},
            {"arch=i386", "requested value for label \"arch\": \"i386\" differs"},
            {"flavor=x", "requested label \"flavor\" not provided by the image manifest"}
          }) {
        assertThat(
                run(SIGNED, "--pull-policy=update", "localhost/app," + each[0]).exited(254).err())
            .contains(each[1]);
      }
    } finally {
      Rkt.exec("gpgconf", "--homedir", gpgHome.toString(), "--kill", "all");
      Rkt.exec("rm", "-rf", gpgHome.toString());
    }
  }

  private static void gpg(Path home, String... args) {
    List<String> all = new ArrayList<>(List.of("gpg", "--homedir", home.toString(), "--batch"));
    all.addAll(List.of("--yes", "--pinentry-mode", "loopback", "--passphrase", ""));
    all.addAll(List.of(args));
    Rkt.exec(all.toArray(String[]::new)).ok();
  }
}
