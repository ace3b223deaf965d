package rkt.tests.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.AciServer;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Rkt.Result;

/** ACIs by file, URL and name, from a server as the ancestor's tests have it. */
class AciFetchTest {
  private static final String UNCHECKED = "--insecure-options=image,tls";

  private Rkt rkt;
  private AciServer server;

  @BeforeEach
  void start() {
    rkt = new Rkt();
    server = new AciServer(rkt.home());
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
    rkt.close();
  }

  /** An image with some noise in it, so that it has a size. */
  private Path build(String name, String... args) {
    try {
      Path root = Files.createTempDirectory(rkt.home(), "root");
      byte[] noise = new byte[300_000];
      new Random(name.hashCode()).nextBytes(noise);
      Files.write(root.resolve("noise"), noise);
      Path aci = rkt.home().resolve(name.substring(name.lastIndexOf('/') + 1) + ".aci");
      List<String> all = new ArrayList<>(List.of("image", "build", "--overwrite"));
      all.addAll(List.of(root.toString(), aci.toString(), "--name=" + name));
      all.addAll(List.of(args));
      rkt.run(all.toArray(String[]::new)).ok();
      return aci;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String serve(Path aci) {
    try {
      return server.put(aci.getFileName().toString(), Files.readAllBytes(aci));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Result fetch(String... args) {
    List<String> all = new ArrayList<>(List.of(UNCHECKED, "--debug", "fetch"));
    all.addAll(List.of(args));
    return rkt.run(all.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--pull-policy=new", "--store-only", "--no-store"})
  void aFileIsReadAnewEachTime(String policy) {
    Path aci = build("localhost/file");
    for (int i = 0; i < 2; i++) {
      assertThat(fetch(policy, aci.toString()).ok().err())
          .contains("image: using image from file " + aci);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "url"})
  void policiesDecideBetweenStoreAndServer(String kind) {
    String file = serve(build("localhost/any"));
    String url = kind.equals("name") ? server.url("localhost/any.aci") : file;
    String image = kind.equals("name") ? "localhost/any" : url;
    String stored =
        kind.equals("name")
            ? "using image from local store for image name localhost/any"
            : "using image from local store for url " + url;
    String what = kind.equals("name") ? "image name" : "URL";
    assertThat(fetch("--pull-policy=never", image).exited(254).err())
        .contains("unable to fetch image from " + what + " \"" + image + "\"");
    assertThat(fetch("--pull-policy=new", image).ok().err())
        .contains("remote fetching from URL \"" + url + "\"");
    assertThat(fetch("--pull-policy=new", image).ok().err()).contains(stored);
    assertThat(fetch("--pull-policy=never", image).ok().err()).contains(stored);
    assertThat(fetch("--pull-policy=update", image).ok().err())
        .contains("remote fetching from URL \"" + url + "\"")
        .contains("image for " + url + " isn't expired, not fetching.");
    assertThat(server.asked()).filteredOn(asked -> asked.endsWith("any.aci")).hasSize(1);
  }

  @Test
  void idsAreShortUnlessAskedFor() {
    String url = serve(build("localhost/id"));
    assertThat(fetch(url).ok().out().strip()).hasSize(39);
    assertThat(fetch("--full", url).ok().out().strip()).hasSize(71);
  }

  @Test
  void anInterruptedDownloadIsResumedWhereItBroke() {
    String url = serve(build("localhost/resumed"));
    server.cutNext(100_000);
    fetch(url).ok();
    assertThat(server.asked()).hasSize(2);
    assertThat(server.asked().get(0)).isEqualTo("GET /resumed.aci");
    // Java may lose the last few bytes before a cut.
    assertThat(server.asked().get(1)).matches("GET /resumed.aci bytes=\\d{5,6}-");
  }

  @Test
  void killedDownloadsGoOn() throws Exception {
    String url = serve(build("localhost/killed"));
    server.stallsAt(200_000);
    Rkt.Running running = rkt.start(UNCHECKED, "--debug", "fetch", url);
    Path partial = rkt.data().resolve("cas/partial");
    Rkt.waitFor("bytes to arrive", () -> kept(partial) > 50_000);
    running.signal("KILL");
    running.await();
    fetch(url).ok();
    assertThat(server.asked()).hasSize(2);
    assertThat(server.asked().get(1)).matches("GET /killed.aci bytes=\\d{5,6}-");
    assertThat(kept(partial)).isZero();
  }

  private static long kept(Path partial) {
    long bytes = 0;
    try (Stream<Path> files = Files.exists(partial) ? Files.list(partial) : Stream.empty()) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    } catch (IOException e) {
      // It comes and goes.
    }
    return bytes;
  }

  @Test
  void withoutValidatorsTheDownloadBeginsAnew() {
    String url = serve(build("localhost/anew"));
    server.forgetsVersions();
    server.cutNext(100_000);
    fetch(url).ok();
    assertThat(server.asked()).containsExactly("GET /anew.aci", "GET /anew.aci");
  }

  @Test
  void withoutASignatureNothingIsDownloaded() {
    String url = serve(build("localhost/sanity"));
    assertThat(rkt.run("--insecure-options=tls", "fetch", url).exited(254).err())
        .contains("error downloading the signature file");
    assertThat(rkt.run("fetch", url).exited(254).err()).contains("--insecure-options=tls");
    fetch(url).ok();
  }

  @ParameterizedTest
  @CsvSource({"system,local,true", "local,system,true", "local,,true", "system,,true"})
  void credentialsComeFromTheConfiguration(String dir, String worse, boolean works)
      throws Exception {
    String url = serve(build("localhost/auth"));
    server.wants("Basic YmFyOmJheg==");
    assertThat(fetch(url).exited(254).err()).contains("bad HTTP status code: 401");
    basic(dir, "good.json", "baz");
    if (worse == null) {
      assertThat(fetch(url).ok().err()).doesNotContain("baz");
      return;
    }
    basic(worse, "worse.json", "wrong");
    // The local directory wins, whatever is in it.
    fetch(url).exited(dir.equals("local") ? 0 : 254);
  }

  private void basic(String dir, String file, String password) throws IOException {
    auth(
        dir,
        file,
        "\"type\":\"basic\",\"credentials\":{\"user\":\"bar\",\"password\":\"" + password + "\"}");
  }

  private void auth(String dir, String file, String rest) throws IOException {
    Path path = rkt.home().resolve(dir).resolve("auth.d").resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(
        path,
        "{\"rktKind\":\"auth\",\"rktVersion\":\"v1\",\"domains\":[\"localhost\"]," + rest + "}");
  }

  @Test
  void aTokenIsShown() throws Exception {
    String url = serve(build("localhost/token"));
    server.wants("Bearer sometoken");
    fetch(url).exited(254);
    auth("local", "a.json", "\"type\":\"oauth\",\"credentials\":{\"token\":\"sometoken\"}");
    fetch(url).ok();
  }

  @Test
  void otherFilesConfigureNothing() throws Exception {
    String url = serve(build("localhost/ignore"));
    server.wants("Basic YmFyOmJheg==");
    basic("local", "good.txt", "baz");
    basic("local", "below/good.json", "baz");
    assertThat(fetch(url).exited(254).err()).contains("bad HTTP status code: 401");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version=2|--label=version=1|requested value for label \"version\": \"2\" differs from"
            + " fetched aci label value: \"1\"",
        "version=latest|--label=version=1|requested value for label \"version\": \"latest\""
            + " differs",
        "arch=i386|--label=version=1|requested value for label \"arch\": \"i386\" differs",
        "flavor=x|--label=version=1|requested label \"flavor\" not provided by the image manifest"
      })
  void anotherImageThanTheOneAskedForIsRefused(String label, String built, String why) {
    serve(build("localhost/labels", built));
    assertThat(fetch("localhost/labels," + label).exited(254).err()).contains(why);
    assertThat(rkt.run("image", "list", "--no-legend").ok().out()).isEmpty();
  }

  @Test
  void anotherNameThanTheOneAskedForIsRefused() throws Exception {
    Path other = build("localhost/other");
    server.put("asked.aci", Files.readAllBytes(other));
    assertThat(fetch("localhost/asked").exited(254).err())
        .contains(
            "error when reading the app name: \"localhost/asked\" expected but \"localhost/other\""
                + " found");
  }

  @Test
  void aDeferredSignatureIsAskedForAgainAndItsKeyIsFetchedOverHttps() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gpg")), "gnupg is not installed");
    Path home =
        Files.createTempDirectory(
            "gpg",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try {
      gpg(home, "--quick-generate-key", "Signer <signer@example.com>", "ed25519", "sign", "never");
      Path aci = build("localhost/signed");
      gpg(home, "--armor", "--output", aci + ".asc", "--detach-sign", aci.toString());
      Path key = rkt.home().resolve("key.asc");
      gpg(home, "--armor", "--output", key.toString(), "--export");
      serve(aci);
      server.put("signed.aci.asc", Files.readAllBytes(Path.of(aci + ".asc")));
      server.put("key.asc", Files.readAllBytes(key));
      String[] fetching = {"--insecure-options=tls,pubkey", "--debug", "fetch", "localhost/signed"};
      assertThat(rkt.run(fetching).exited(254).err())
          .contains("openpgp: signature made by unknown entity")
          .contains("rkt trust --prefix");
      assertThat(server.asked()).doesNotContain("GET /localhost/signed.aci");
      server.defersSignatures();
      List<String> trusting = new ArrayList<>(List.of("--trust-keys-from-https"));
      trusting.addAll(List.of(fetching));
      assertThat(rkt.run(trusting.toArray(String[]::new)).ok().all())
          .contains("server requested deferring the signature download")
          .contains("Added key for prefix \"localhost/signed\"")
          .contains("signature verified:")
          .contains("  Signer <signer@example.com>");
      Path wrong = Files.write(rkt.home().resolve("wrong.asc"), new byte[] {1, 2, 3});
      rkt.run("--insecure-options=tls", "fetch", aci.toString(), "--signature=" + wrong)
          .exited(254);
      rkt.run("--insecure-options=tls", "fetch", aci.toString(), "--signature=" + aci + ".asc")
          .ok();
      byte[] flipped = Files.readAllBytes(aci);
      flipped[flipped.length / 2] ^= 1;
      Files.write(aci, flipped);
      rkt.run("--insecure-options=tls", "fetch", aci.toString()).exited(254);
    } finally {
      Rkt.exec("gpgconf", "--homedir", home.toString(), "--kill", "all");
      Rkt.exec("rm", "-rf", home.toString());
    }
  }

  private static void gpg(Path home, String... args) {
    List<String> all = new ArrayList<>(List.of("gpg", "--homedir", home.toString(), "--batch"));
    all.addAll(List.of("--yes", "--pinentry-mode", "loopback", "--passphrase", ""));
    all.addAll(List.of(args));
    Rkt.exec(all.toArray(String[]::new)).ok();
  }

  @Test
  void whatNobodyKnowsIsNotFound() {
    assertThat(fetch("nowhere.invalid/a").exited(254).err())
        .contains("searching for app image nowhere.invalid/a")
        .contains("meta tag 'ac-discovery' not found on nowhere.invalid/a")
        .contains("discovery failed for \"nowhere.invalid/a\"");
  }

  @Test
  void dependenciesAreFetchedLevelByLevel() {
    serve(build("localhost/e", "--dependency=localhost/inspect"));
    Path inspect = build("localhost/inspect");
    Path b = build("localhost/b");
    serve(inspect);
    serve(b);
    serve(build("localhost/c", "--dependency=localhost/b", "--dependency=localhost/e"));
    serve(build("localhost/d", "--dependency=localhost/b", "--dependency=localhost/e"));
    serve(
        build(
            "localhost/a",
            "--dependency=localhost/b",
            "--dependency=localhost/c",
            "--dependency=localhost/d"));
    fetch(b.toString()).ok();
    fetch(inspect.toString()).ok();
    assertThat(fetch("--pull-policy=new", "localhost/a").ok().err())
        .containsSubsequence(
            "fetching image from https://localhost/localhost/a.aci",
            "using image from local store for image name localhost/b",
            "fetching image from https://localhost/localhost/c.aci",
            "fetching image from https://localhost/localhost/d.aci",
            "fetching image from https://localhost/localhost/e.aci",
            "using image from local store for image name localhost/inspect");
    assertThat(rkt.run("image", "list", "--no-legend").ok().out().lines()).hasSize(6);
  }
}
