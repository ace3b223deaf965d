package rkt.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.image.http.FileServer;
import rkt.image.http.FileServer.Served;
import rkt.image.registry.RegistryLimits;
import rkt.image.registry.ScriptedServer;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Platform;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;
import rkt.store.PartialDownload;
import rkt.store.StoredReference;

/** ACIs by URL: caching, resumption, and servers that misbehave. */
@Timeout(60)
class UrlFetchTest {
  private static final int SIZE = 600_000;

  @TempDir private Path directory;
  private FetchRig rig;
  private FileServer server;
  private byte[] aci;

  @BeforeEach
  void start() throws Exception {
    rig = new FetchRig(directory);
    server = new FileServer();
    aci = rig.aci("example.com/a", SIZE);
    server.put("/a.aci", Served.of(aci));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private String url() {
    return server.url("/a.aci");
  }

  private ImageRecord fetch() throws EngineException {
    return rig.find(url(), PullPolicy.UPDATE, "image");
  }

  /** Java may lose the last few bytes before a cut; so the place is only roughly known. */
  private int resumedAt(int request) {
    String range = server.server().requests().get(request).header("range");
    assertThat(range).startsWith("bytes=").endsWith("-");
    return Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
  }

  private Path partials() {
    return directory.resolve("cas/partial");
  }

  private long partialFiles() throws Exception {
    if (!Files.isDirectory(partials())) {
      return 0;
    }
    try (var files = Files.list(partials())) {
      return files.count();
    }
  }

  @Test
  void fetchesOnceAndThenTakesItFromTheStore() throws Exception {
    ImageRecord first = rig.find(url(), PullPolicy.NEW, "image");
    assertThat(first.name().value()).isEqualTo("example.com/a");
    assertThat(first.verdict().kind()).isEqualTo(Verdict.Kind.UNCHECKED);
    assertThat(rig.lines)
        .contains(
            "D remote fetching from URL \"" + url() + "\"",
            "D fetching image from " + url(),
            "warning: image signature verification has been disabled");
    assertThat(rig.find(url(), PullPolicy.NEW, "none").id()).isEqualTo(first.id());
    assertThat(rig.find(url(), PullPolicy.NEVER, "none").id()).isEqualTo(first.id());
    assertThat(rig.lines).contains("D using image from local store for url " + url());
    assertThat(server.asked()).containsExactly("/a.aci");
    assertThat(server.server().requests().getFirst().header("user-agent")).isEqualTo("rkt/test");
    assertThat(partialFiles()).isZero();
  }

  @Test
  void asksNobodyBeforeTheMaximumAgeIsOver() throws Exception {
    server.put("/a.aci", new Served(aci, "\"1\"", "", "max-age=86400", true));
    fetch();
    rig.lines.clear();
    fetch();
    assertThat(rig.lines).contains("D image for " + url() + " isn't expired, not fetching.");
    assertThat(server.asked()).hasSize(1);
  }

  @Test
  void anUnchangedImageIsNotSentAgainAndItsAgeBeginsAnew() throws Exception {
    ImageRecord first = fetch();
    StoredReference before = rig.store.reference(url()).orElseThrow();
    server.put("/a.aci", new Served(aci, "\"1\"", "", "max-age=60", true));
    assertThat(fetch().id()).isEqualTo(first.id());
    assertThat(server.server().requests().getLast().header("if-none-match")).isEqualTo("\"1\"");
    StoredReference after = rig.store.reference(url()).orElseThrow();
    assertThat(after.timeNanos()).isGreaterThan(before.timeNanos());
    assertThat(after.reference().maxAgeSeconds()).isEqualTo(60);
    fetch();
    assertThat(server.asked()).hasSize(2);
  }

  @Test
  void aChangedImageReplacesTheOldOne() throws Exception {
    ImageRecord first = fetch();
    server.put("/a.aci", new Served(rig.aci("example.com/a", SIZE + 1), "\"2\"", "", "", true));
    ImageRecord second = fetch();
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(rig.store.byRef(url()).orElseThrow().id()).isEqualTo(second.id());
  }

  @Test
  void notModifiedWithoutAnImageIsAnError() {
    server.server().script((request, out) -> ScriptedServer.reply(out, 304, "", new byte[0]));
    assertThatThrownBy(this::fetch)
        .hasMessageContaining("error downloading ACI")
        .hasMessageContaining("304")
        .hasMessageContaining(url());
  }

  @Test
  void anInterruptedDownloadGoesOnInTheNextProcess() throws Exception {
    server.cut(200_000, 1);
    assertThatThrownBy(this::fetch)
        .hasMessageContaining("the connection broke after ")
        .hasMessageContaining(" of " + aci.length + " bytes");
    assertThat(fetch().name().value()).isEqualTo("example.com/a");
    assertThat(server.asked()).hasSize(2);
    assertThat(resumedAt(1)).isBetween(100_001, 200_000);
    assertThat(server.server().requests().getLast().header("if-range")).isEqualTo("\"1\"");
    assertThat(partialFiles()).isZero();
  }

  @Test
  void aBrokenConnectionIsTakenUpAgainAtOnce() throws Exception {
    server.cut(150_000, 1);
    FetchOptions options = rig.options(PullPolicy.UPDATE, "image", FetchRig.TWICE);
    new ImageFinder(rig.store, options).find(ImageStrings.parse(url()));
    assertThat(server.asked()).hasSize(2);
    assertThat(resumedAt(1)).isBetween(100_000, 150_000);
  }

  @Test
  void aDrippingConnectionIsBrokenOffAndTakenUpAgain() throws Exception {
    server.drip(150_000);
    RegistryLimits limits =
        new RegistryLimits(
            FetchRig.TWICE.connect(),
            FetchRig.TWICE.response(),
            Duration.ofMillis(300),
            10_000,
            2,
            FetchRig.TWICE.backOff(),
            1);
    FetchOptions options = rig.options(PullPolicy.UPDATE, "image", limits);
    new ImageFinder(rig.store, options).find(ImageStrings.parse(url()));
    assertThat(server.asked()).hasSize(2);
    assertThat(resumedAt(1)).isBetween(150_000, 160_000);
  }

  @Test
  void theDateServesWhereThereIsNoTag() throws Exception {
    String date = "Mon, 01 Jan 2024 00:00:00 GMT";
    server.put("/a.aci", new Served(aci, "", date, "", true));
    server.cut(200_000, 1);
    assertThatThrownBy(this::fetch).isInstanceOf(EngineException.class);
    fetch();
    assertThat(server.server().requests().getLast().header("if-range")).isEqualTo(date);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "W/\"1\"", "\"\u00e9\""})
  void withoutAnythingToRecognizeItByItBeginsAnew(String etag) throws Exception {
    server.put("/a.aci", new Served(aci, etag, "", "", true));
    server.cut(200_000, 1);
    assertThatThrownBy(this::fetch).isInstanceOf(EngineException.class);
    fetch();
    assertThat(server.asked()).containsExactly("/a.aci", "/a.aci");
  }

  @Test
  void aNewVersionIsNotGluedToThePartOfAnOldOne() throws Exception {
    server.cut(200_000, 1);
    assertThatThrownBy(this::fetch).isInstanceOf(EngineException.class);
    byte[] other = rig.aci("example.com/b", SIZE + 5);
    server.put("/a.aci", new Served(other, "\"2\"", "", "", true));
    assertThat(fetch().name().value()).isEqualTo("example.com/b");
    assertThat(rig.lines).contains("cannot use cached partial download, resource updated.");
  }

  @Test
  void aServerWithoutRangesSendsEverythingAgain() throws Exception {
    server.put("/a.aci", new Served(aci, "\"1\"", "", "", false));
    server.cut(200_000, 1);
    assertThatThrownBy(this::fetch).isInstanceOf(EngineException.class);
    fetch();
    assertThat(rig.lines)
        .contains("cannot use cached partial download, range request unsupported.");
  }

  @Test
  void aCompleteDownloadThatWasNeverImportedIsRecognizedByItsSize() throws Exception {
    try (PartialDownload kept = rig.store.partial(url(), () -> {})) {
      kept.append().write(aci);
      kept.note("{\"etag\":\"\\\"1\\\"\"}");
    }
    assertThat(fetch().name().value()).isEqualTo("example.com/a");
    assertThat(server.asked()).containsExactly("/a.aci bytes=" + aci.length + "-");
  }

  @Test
  void whatCameWithoutProtectionIsNotContinuedWithIt() throws Exception {
    try (PartialDownload kept = rig.store.partial(url(), () -> {})) {
      kept.append().write(new byte[] {1, 2, 3});
      kept.note("{\"etag\":\"\\\"1\\\"\",\"unprotected\":true}");
    }
    assertThat(fetch().name().value()).isEqualTo("example.com/a");
    assertThat(server.asked()).containsExactly("/a.aci");
  }

  @Test
  void whatCameWithoutProtectionIsNoAnswerToALaterFetch() throws Exception {
    try (FileServer secure =
        new FileServer(rkt.image.http.TestTls.context(directory).getServerSocketFactory())) {
      secure.put("/a.aci", new Served(aci, "\"1\"", "", "max-age=86400", true));
      secure.put("/a.aci.asc", Served.of(TestTrust.sign("key", aci)));
      String url = secure.url("/a.aci").replace("http://", "https://");
      rig.find(url, PullPolicy.UPDATE, "image,tls");
      rig.lines.clear();
      rig.find(url, PullPolicy.UPDATE, "image,tls");
      assertThat(rig.lines).contains("D image for " + url + " isn't expired, not fetching.");
      assertThatThrownBy(() -> rig.find(url, PullPolicy.UPDATE, "image"))
          .hasMessageContaining("--insecure-options=tls");
      // Whoever signed it vouches for it, however it came.
      rig.trust.keys.add("key");
      ImageRecord signed = rig.find(url, PullPolicy.UPDATE, "tls");
      assertThat(rig.find(url, PullPolicy.UPDATE, "none").id()).isEqualTo(signed.id());
      secure.cut(200_000, 1);
      rig.store.untag(url);
      assertThatThrownBy(() -> rig.find(url, PullPolicy.UPDATE, "image,tls"))
          .hasMessageContaining("the connection broke");
      try (PartialDownload kept = rig.store.partial(url, () -> {})) {
        assertThat(kept.note().orElseThrow()).contains("\"unprotected\":true");
      }
    }
  }

  @Test
  void theQueryOfAUrlIsNeitherShownNorStored() throws Exception {
    String url = url() + "?token=S3CRET";
    server.put("/a.aci?token=S3CRET", new Served(aci, "\"1\"", "", "max-age=86400", true));
    server.cut(200_000, 1);
    assertThatThrownBy(() -> rig.find(url, PullPolicy.UPDATE, "image"))
        .hasMessageNotContaining("S3CRET");
    assertThat(everyFile()).isNotEmpty().noneMatch(text -> text.contains("S3CRET"));
    ImageRecord image = rig.find(url, PullPolicy.UPDATE, "image");
    rig.find(url, PullPolicy.UPDATE, "image");
    assertThat(rig.find(url, PullPolicy.NEVER, "none").id()).isEqualTo(image.id());
    assertThat(server.asked()).hasSize(2);
    assertThat(rig.lines)
        .contains("D remote fetching from URL \"" + url() + "?...\"")
        .noneMatch(line -> line.contains("S3CRET"));
    assertThat(everyFile()).isNotEmpty().noneMatch(text -> text.contains("S3CRET"));
    String ref = rig.store.references(image.id()).getFirst().reference().ref();
    assertThat(ref).startsWith(url() + "?sha256=").hasSize(url().length() + 8 + 64);
    assertThat(UrlReferences.isReduced(ref)).isTrue();
    assertThat(UrlReferences.isReduced(url())).isFalse();
    // Another token is another reference.
    assertThatThrownBy(() -> rig.find(url() + "?token=other", PullPolicy.NEVER, "none"))
        .hasMessageContaining(url() + "?...");
  }

  /** Names and contents of the store's small files. */
  private List<String> everyFile() throws Exception {
    try (var files = Files.walk(directory.resolve("cas"))) {
      List<String> texts = new java.util.ArrayList<>();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        texts.add(
            file
                + (Files.size(file) > 64_000
                    ? ""
                    : Files.readString(file, StandardCharsets.ISO_8859_1)));
      }
      return texts;
    }
  }

  @Test
  void aRangeThatCannotBeSatisfiedMeansTheBeginning() throws Exception {
    server.cut(200_000, 1);
    assertThatThrownBy(this::fetch).isInstanceOf(EngineException.class);
    int[] count = new int[1];
    server
        .server()
        .script((request, out) -> {
          if (count[0]++ == 0) {
            ScriptedServer.reply(out, 416, "", new byte[0], "Content-Range: bytes */5");
          } else {
            ScriptedServer.reply(out, 200, "", aci);
          }
        });
    assertThat(fetch().name().value()).isEqualTo("example.com/a");
  }

  @Test
  void aBodyShorterThanAnnouncedIsSaidToBe() {
    server
        .server()
        .script((request, out) -> {
          if (request.header("range").isEmpty()) {
            ScriptedServer.raw(
                out, "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 100\r\n\r\nshort");
          } else {
            ScriptedServer.reply(out, 416, "", new byte[0]);
          }
        });
    assertThatThrownBy(() ->
            new ImageFinder(rig.store, rig.options(PullPolicy.UPDATE, "image", FetchRig.limits(5)))
                .find(ImageStrings.parse(url())))
        .hasMessageContaining("the server sent no more than 5 of the 100 bytes that it announced")
        .hasMessageNotContaining("416");
  }

  @Test
  void anImageOfAnotherPlatformIsRefusedFromEverywhere() throws Exception {
    fetch();
    Platform foreign = Platforms.parse("linux/s390x");
    for (PullPolicy policy : PullPolicy.values()) {
      FetchOptions options =
          rig.options(policy, "image", FetchRig.ONCE).withPlatform(Optional.of(foreign));
      assertThatThrownBy(() -> new ImageFinder(rig.store, options).find(ImageStrings.parse(url())))
          .hasMessageContaining("and not for linux/s390x");
    }
    FetchOptions here =
        rig.options(PullPolicy.UPDATE, "image", FetchRig.ONCE)
            .withPlatform(Optional.of(Platforms.host()));
    new ImageFinder(rig.store, here).find(ImageStrings.parse(url()));
  }

  @Test
  void aPartThatNobodyAskedForIsRefused() throws Exception {
    server
        .server()
        .script((request, out) ->
            ScriptedServer.reply(out, 206, "", aci, "Content-Range: bytes 5-10/11"));
    assertThatThrownBy(this::fetch).hasMessageContaining("another part than the one asked for");
  }

  @Test
  void theWrongPartIsDroppedAndRefusedTheSecondTime() throws Exception {
    server.cut(200_000, 1);
    assertThatThrownBy(this::fetch).isInstanceOf(EngineException.class);
    server
        .server()
        .script((request, out) ->
            ScriptedServer.reply(out, 206, "", new byte[10], "Content-Range: bytes 7-16/600000"));
    assertThatThrownBy(this::fetch).hasMessageContaining("another part than the one asked for");
    assertThat(partialFiles()).isZero();
  }

  @Test
  void keptBytesThatTurnOutWrongAreDroppedAndTheFileComesWhole() throws Exception {
    server.cut(200_000, 1);
    assertThatThrownBy(this::fetch).isInstanceOf(EngineException.class);
    try (var files = Files.list(partials())) {
      Path kept =
          files.filter(f -> !f.getFileName().toString().startsWith("%note")).findFirst().get();
      byte[] bytes = Files.readAllBytes(kept);
      bytes[100_000] ^= 1;
      Files.write(kept, bytes);
    }
    assertThat(fetch().name().value()).isEqualTo("example.com/a");
    assertThat(server.asked()).hasSize(3);
    assertThat(resumedAt(1)).isBetween(100_001, 200_000);
    assertThat(server.asked().get(2)).isEqualTo("/a.aci");
  }

  @Test
  void anEndlessBodyEndsAtTheLimit() throws Exception {
    server
        .server()
        .script((request, out) -> {
          ScriptedServer.raw(out, "HTTP/1.1 200 OK\r\nETag: \"1\"\r\n\r\n");
          byte[] block = new byte[64 << 10];
          while (true) {
            out.write(block);
          }
        });
    var wanted =
        new AciUrls.Wanted(
            java.net.URI.create(url()),
            java.net.URI.create(url() + ".asc"),
            Optional.empty(),
            true,
            ExpectedImage.ANY,
            false,
            1_000_000);
    FetchOptions options = rig.options(PullPolicy.UPDATE, "image", FetchRig.ONCE);
    try (var web = new rkt.image.http.WebClient(options)) {
      AciUrls urls = new AciUrls(rig.store, options, new AciIntake(rig.store, options, false), web);
      assertThatThrownBy(() -> urls.fetch(wanted))
          .isInstanceOfSatisfying(
              EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
          .hasMessageContaining("larger than the allowed 1000000 bytes");
    }
    assertThat(partialFiles()).isZero();
  }

  @Test
  void anAnnouncedLengthThatIsTooLargeEndsItAtOnce() {
    server
        .server()
        .script((request, out) ->
            ScriptedServer.raw(out, "HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\nx"));
    assertThatThrownBy(this::fetch).hasMessageContaining("larger than the allowed");
  }

  @Test
  void redirectsAreFollowedAndCounted() throws Exception {
    server.server().script((request, out) -> ScriptedServer.redirect(out, request.target() + "x"));
    assertThatThrownBy(this::fetch).hasMessageContaining("too many redirects");
    assertThat(server.asked()).hasSize(11);
  }

  @Test
  void statusesAreTold() {
    for (int status : List.of(401, 403, 404, 410, 202, 204, 500)) {
      server.server().script((request, out) -> ScriptedServer.reply(out, status, "", new byte[0]));
      assertThatThrownBy(this::fetch)
          .hasMessageContaining("error downloading ACI")
          .hasMessageContaining("bad HTTP status code: " + status);
    }
  }

  @Test
  void whatIsNoImageIsNotKept() throws Exception {
    server.put("/a.aci", Served.of("<html>no</html>\n".getBytes(StandardCharsets.UTF_8)));
    assertThatThrownBy(this::fetch).hasMessageContaining(url());
    assertThat(partialFiles()).isZero();
    assertThat(rig.store.list()).isEmpty();
  }

  // signatures

  @Test
  void aGoodSignatureLetsItIn() throws Exception {
    rig.trust.keys.add("alice");
    server.put("/a.aci.asc", Served.of(TestTrust.sign("alice", aci)));
    ImageRecord image = rig.find(url(), PullPolicy.NEW, "none");
    assertThat(image.verdict().kind()).isEqualTo(Verdict.Kind.PGP);
    assertThat(image.verdict().subject()).isEqualTo("example.com/a");
    assertThat(rig.lines)
        .containsSubsequence(
            "D downloading signature from " + url() + ".asc", "signature verified:", "  alice");
    assertThat(rig.store.evidence(image.id())).isPresent();
    assertThat(server.asked()).containsExactly("/a.aci.asc", "/a.aci");
  }

  @Test
  void withoutASignatureTheImageIsNotEvenDownloaded() {
    assertThatThrownBy(() -> rig.find(url(), PullPolicy.NEW, "none"))
        .hasMessageContaining("error downloading the signature file")
        .hasMessageContaining("bad HTTP status code: 404");
    assertThat(server.asked()).containsExactly("/a.aci.asc");
  }

  @Test
  void oneFlippedBitIsRefused() throws Exception {
    rig.trust.keys.add("alice");
    server.put("/a.aci.asc", Served.of(TestTrust.sign("alice", aci)));
    byte[] flipped = aci.clone();
    // The operating system's number in the header of gzip: nobody reads it.
    flipped[9] ^= 1;
    server.put("/a.aci", Served.of(flipped));
    assertThatThrownBy(() -> rig.find(url(), PullPolicy.NEW, "none"))
        .hasMessageContaining("image \"example.com/a\" verification failed");
    assertThat(rig.store.list()).isEmpty();
  }

  @Test
  void bytesBehindTheArchiveAreJudgedToo() throws Exception {
    rig.trust.keys.add("alice");
    server.put("/a.aci.asc", Served.of(TestTrust.sign("alice", aci)));
    byte[] longer = java.util.Arrays.copyOf(aci, aci.length + 4096);
    server.put("/a.aci", Served.of(longer));
    assertThatThrownBy(() -> rig.find(url(), PullPolicy.NEW, "none"))
        .isInstanceOf(EngineException.class);
    assertThat(rig.store.list()).isEmpty();
  }

  @Test
  void anUnknownSignerIsRefusedWithAHint() throws Exception {
    server.put("/a.aci.asc", Served.of(TestTrust.sign("mallory", aci)));
    assertThatThrownBy(() -> rig.find(url(), PullPolicy.NEW, "none"))
        .hasMessageContaining("openpgp: signature made by unknown entity");
    assertThat(rig.lines)
        .containsSubsequence(
            "If you expected the signing key to change, try running:",
            "    rkt trust --prefix example.com/a");
  }

  @Test
  void aServerMayDeferTheSignatureOnce() throws Exception {
    rig.trust.keys.add("alice");
    deferring(1);
    rig.find(url(), PullPolicy.NEW, "none");
    assertThat(rig.lines).contains("server requested deferring the signature download");
    assertThat(server.asked()).containsExactly("/a.aci.asc", "/a.aci", "/a.aci.asc");
  }

  @Test
  void aServerMayNotDeferTheSignatureTwice() {
    rig.trust.keys.add("alice");
    deferring(2);
    assertThatThrownBy(() -> rig.find(url(), PullPolicy.NEW, "none"))
        .hasMessageContaining("server asked to defer the download again");
  }

  private void deferring(int times) {
    int[] left = {times};
    server
        .server()
        .script((request, out) -> {
          if (!request.target().endsWith(".asc")) {
            ScriptedServer.reply(out, 200, "", aci);
          } else if (left[0]-- > 0) {
            ScriptedServer.reply(out, 202, "", new byte[0]);
          } else {
            ScriptedServer.reply(out, 200, "", TestTrust.sign("alice", aci));
          }
        });
  }

  @Test
  void aLocalSignatureTakesTheServersPlace() throws Exception {
    rig.trust.keys.add("alice");
    Path signature = Files.write(directory.resolve("sig"), TestTrust.sign("alice", aci));
    ImageFinder finder =
        new ImageFinder(rig.store, rig.options(PullPolicy.NEW, "none", FetchRig.ONCE));
    finder.find(ImageStrings.parse(url()), Optional.of(signature));
    assertThat(server.asked()).containsExactly("/a.aci");
    assertThatThrownBy(() ->
            finder.find(ImageStrings.parse("docker://x"), Optional.of(directory.resolve("sig"))))
        .hasMessageContaining("--signature is for ACIs");
  }

  @Test
  void anUncheckedImageIsNoShortCutPastTheSignature() throws Exception {
    server.put("/a.aci", new Served(aci, "\"1\"", "", "max-age=86400", true));
    fetch();
    assertThatThrownBy(() -> rig.find(url(), PullPolicy.UPDATE, "none"))
        .hasMessageContaining("error downloading the signature file");
  }

  @Test
  void whatIsStoredIsLookedAtAgain() throws Exception {
    fetch();
    rig.trust.forbidden.add("example.com/a");
    assertThatThrownBy(() -> rig.find(url(), PullPolicy.NEW, "none"))
        .hasMessageContaining("not any more");
    assertThatThrownBy(() -> rig.find("example.com/a", PullPolicy.NEW, "none"))
        .hasMessageContaining("not any more");
  }

  @Test
  void aProcessThatWaitedFindsTheImageInTheStore() throws Exception {
    List<String> inTheWay = new java.util.concurrent.CopyOnWriteArrayList<>();
    java.util.concurrent.CountDownLatch asked = new java.util.concurrent.CountDownLatch(1);
    java.util.concurrent.CountDownLatch second = new java.util.concurrent.CountDownLatch(1);
    server
        .server()
        .script((request, out) -> {
          inTheWay.add(request.target());
          asked.countDown();
          second.await();
          ScriptedServer.reply(out, 200, "", aci, "ETag: \"1\"");
        });
    Thread first =
        Thread.ofVirtual()
            .start(() -> {
              try {
                fetch();
              } catch (EngineException e) {
                rig.lines.add("first failed: " + e.getMessage());
              }
            });
    asked.await();
    FetchRig other = new FetchRig(directory);
    Thread releasing =
        Thread.ofVirtual()
            .start(() -> {
              while (!other.lines.contains(
                  "another rkt instance is downloading this file, waiting...")) {
                Thread.yield();
              }
              second.countDown();
            });
    assertThat(other.find(url(), PullPolicy.UPDATE, "image").name().value())
        .isEqualTo("example.com/a");
    first.join();
    releasing.join();
    assertThat(inTheWay).hasSize(1);
    assertThat(rig.lines).noneMatch(line -> line.startsWith("first failed"));
  }
}
