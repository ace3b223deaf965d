package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.Diagnostics;
import rkt.image.FetchOptions;
import rkt.image.ImageFinder;
import rkt.image.ImageStrings;
import rkt.image.InsecureOptions;
import rkt.image.Platforms;
import rkt.image.PullPolicy;
import rkt.image.Transfer;
import rkt.image.oci.Digests;
import rkt.image.registry.FakeRegistry.Layer;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Digest;
import rkt.schema.oci.Platform;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;

/** Mirrors, blocked places, resumed and shared blobs, images of other platforms. */
@Timeout(60)
class MirrorsTest {
  private static final RegistryLimits QUICK =
      new RegistryLimits(
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofMillis(500),
          2,
          Duration.ofMillis(5),
          3);
  private static final String HERE = "linux/" + Platforms.host().architecture();

  @TempDir private Path directory;
  private final FakeRegistry origin = new FakeRegistry();
  private final FakeRegistry mirror = new FakeRegistry();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<String> transfers = new CopyOnWriteArrayList<>();
  private ScriptedServer originServer;
  private ScriptedServer mirrorServer;
  private ImageStore store;

  @BeforeEach
  void start() throws Exception {
    originServer = new ScriptedServer(origin);
    mirrorServer = new ScriptedServer(mirror);
    store = ImageStore.open(directory.resolve("cas"), Kernel.linux());
  }

  @AfterEach
  void stop() throws IOException {
    originServer.close();
    mirrorServer.close();
  }

  private RegistryRules mirrored(String... mirrors) {
    return rules(Map.of(originServer.host(), rule(List.of(mirrors), false)));
  }

  private static RegistryRules rules(Map<String, RegistryRule> byPrefix) {
    return new RegistryRules(byPrefix);
  }

  private static RegistryRule rule(List<String> mirrors, boolean blocked) {
    return new RegistryRule(
        mirrors,
        Optional.empty(),
        Optional.empty(),
        Optional.of(blocked),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  private ImageRecord pull(String tag, RegistryRules rules, Optional<Platform> platform)
      throws EngineException {
    Diagnostics diagnostics =
        new Diagnostics() {
          @Override
          public void debug(String line) {
            lines.add(line);
          }

          @Override
          public void warn(String line) {
            lines.add(line);
          }

          @Override
          public Transfer transfer(String what, long total) {
            return new Transfer() {
              private long count;

              @Override
              public void advance(long bytes) {
                count += bytes;
              }

              @Override
              public void done(String outcome) {
                transfers.add(what + " " + outcome + " " + (count == total));
              }

              @Override
              public void close() {}
            };
          }
        };
    FetchOptions options =
        new FetchOptions(
                InsecureOptions.parse("image,http"),
                PullPolicy.UPDATE,
                diagnostics,
                "rkt/test",
                QUICK)
            .withRegistries(rules)
            .withPlatform(platform);
    return new ImageFinder(store, options)
        .find(ImageStrings.parse("docker://" + originServer.host() + "/a/b" + tag));
  }

  private ImageRecord pull(String tag, RegistryRules rules) throws EngineException {
    return pull(tag, rules, Optional.empty());
  }

  private static Layer layer(String name) throws IOException {
    return Layer.gzip(Tars.of(name));
  }

  @Test
  void theMirrorIsAskedFirstAndTheNameStaysTheOrigins() throws Exception {
    Digest digest = mirror.addImage("t", HERE, layer("x"));
    ImageRecord image = pull(":t", mirrored(mirrorServer.host() + "/cache"));
    assertThat(image.id().hex()).isEqualTo(digest.hex());
    assertThat(originServer.requests()).isEmpty();
    assertThat(mirrorServer.requests().getFirst().target()).isEqualTo("/v2/cache/a/b/manifests/t");
    assertThat(store.byRef("docker://" + originServer.host() + "/a/b:t")).isPresent();
    assertThat(image.verdict().subject()).isEqualTo(originServer.host() + "/a/b");
  }

  @Test
  void theOriginHelpsOutWhenNoMirrorHasTheImage() throws Exception {
    origin.addImage("t", HERE, layer("x"));
    pull(":t", mirrored("127.0.0.1:1", mirrorServer.host()));
    assertThat(lines).anyMatch(line -> line.startsWith("mirror 127.0.0.1:1: "));
    assertThat(lines).anyMatch(line -> line.startsWith("mirror " + mirrorServer.host()));
  }

  @Test
  void whatTheOriginSaysCounts() {
    assertThatThrownBy(() -> pull(":t", mirrored("127.0.0.1:1")))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("none of 2 places has it: 127.0.0.1:1: connection refused; ")
        .hasMessageContaining(originServer.host());
  }

  @Test
  void aMirrorThatLacksABlobOrSpoilsItIsLeftForTheOrigin() throws Exception {
    Layer lost = layer("lost");
    Layer spoilt = layer("spoilt");
    origin.addImage("t", HERE, lost, spoilt);
    mirror.addImage("t", HERE, lost, spoilt);
    mirror.remove(Digests.of("sha256", lost.packed()));
    byte[] wrong = spoilt.packed().clone();
    wrong[wrong.length / 2] ^= 1;
    mirror.corrupt(Digests.of("sha256", spoilt.packed()), wrong);
    assertThat(pull(":t", mirrored(mirrorServer.host())).diffIds()).hasSize(2);
    assertThat(originServer.requests()).hasSize(2);
  }

  @Test
  void aMirrorThatDiesInTheMiddleIsTakenOverFrom() throws Exception {
    Layer layer = Layer.plain(Tars.of("a", "b", "c"));
    Digest digest = Digests.of("sha256", layer.packed());
    origin.addImage("t", HERE, layer);
    mirror.addImage("t", HERE, layer);
    int half = layer.packed().length / 2;
    mirrorServer.script((request, out) -> {
      if (!request.target().endsWith(digest.toString())) {
        mirror.answer(request, out);
      } else if (request.header("range").isEmpty()) {
        ScriptedServer.raw(
            out, "HTTP/1.1 200 OK\r\nContent-Length: " + layer.packed().length + "\r\n\r\n");
        out.write(layer.packed(), 0, half);
      }
    });
    originServer.script((request, out) -> ranged(request, out, digest, layer));
    pull(":t", mirrored(mirrorServer.host()));
    assertThat(originServer.requests())
        .singleElement()
        .satisfies(r -> assertThat(r.header("range")).isEqualTo("bytes=" + half + "-"));
    assertThat(lines).anyMatch(line -> line.contains("going on from " + originServer.host()));
  }

  private void ranged(ScriptedServer.Request request, OutputStream out, Digest digest, Layer layer)
      throws IOException {
    String range = request.header("range");
    if (!request.target().endsWith(digest.toString()) || range.isEmpty()) {
      origin.answer(request, out);
      return;
    }
    int from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
    int length = layer.packed().length;
    ScriptedServer.raw(
        out,
        "HTTP/1.1 206 Partial\r\nContent-Range: bytes "
            + from
            + "-"
            + (length - 1)
            + "/"
            + length
            + "\r\nContent-Length: "
            + (length - from)
            + "\r\nConnection: close\r\n\r\n");
    out.write(layer.packed(), from, length - from);
  }

  @Test
  void anInterruptedLayerIsResumedByTheNextPull() throws Exception {
    Layer layer = Layer.plain(Tars.of("a", "b", "c"));
    Digest digest = Digests.of("sha256", layer.packed());
    origin.addImage("t", HERE, layer);
    int half = layer.packed().length / 2;
    originServer.script((request, out) -> {
      if (!request.target().endsWith(digest.toString())) {
        origin.answer(request, out);
      } else if (request.header("range").isEmpty()) {
        ScriptedServer.raw(
            out, "HTTP/1.1 200 OK\r\nContent-Length: " + layer.packed().length + "\r\n\r\n");
        out.write(layer.packed(), 0, half);
      }
    });
    assertThatThrownBy(() -> pull(":t", RegistryRules.NONE))
        .hasMessageContaining("the connection broke after " + half + " of");
    originServer.requests().clear();
    originServer.script((request, out) -> ranged(request, out, digest, layer));
    pull(":t", RegistryRules.NONE);
    assertThat(originServer.requests())
        .filteredOn(request -> request.target().endsWith(digest.toString()))
        .singleElement()
        .satisfies(r -> assertThat(r.header("range")).isEqualTo("bytes=" + half + "-"));
    String shown = "layer " + digest.toString().substring(0, 19);
    assertThat(transfers).contains(shown + " resumed true");
    pull(":t", RegistryRules.NONE);
    assertThat(transfers).contains(shown + " exists true");
  }

  @Test
  void aBlockedPlaceIsNotAsked() {
    assertThatThrownBy(
            () -> pull(":t", rules(Map.of(originServer.host() + "/a", rule(List.of(), true)))))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessageContaining("blocks " + originServer.host() + "/a/b");
    assertThat(originServer.requests()).isEmpty();
  }

  @Test
  void aBlockedMirrorIsPassedOver() throws Exception {
    origin.addImage("t", HERE, layer("x"));
    Map<String, RegistryRule> rules = new HashMap<>();
    rules.put(originServer.host(), rule(List.of(mirrorServer.host()), false));
    rules.put(mirrorServer.host(), rule(List.of(), true));
    pull(":t", rules(rules));
    assertThat(mirrorServer.requests()).isEmpty();
  }

  @Test
  void aMirrorStandsForItsPrefix() {
    RegistryRules rules =
        rules(
            Map.of(
                "r.example", rule(List.of("m1.example"), false),
                "r.example/team", rule(List.of("m2.example:5000/x", "m3.example"), false)));
    assertThat(rules.mirrors("r.example", "team/app"))
        .containsExactly("m2.example:5000/x/app", "m3.example/app");
    assertThat(rules.mirrors("r.example", "teamwork/app"))
        .containsExactly("m1.example/teamwork/app");
    assertThat(rules.mirrors("other.example", "team/app")).isEmpty();
    assertThatThrownBy(() ->
            Place.of(
                "x",
                rules(Map.of("r.example/a", rule(List.of("m.example"), false))),
                new Place("r.example", "a")))
        .hasMessageContaining("names no repository");
  }

  @Test
  void anImageOfAnotherPlatformHasANameOfItsOwn() throws Exception {
    Digest mine = origin.addImage("mine", HERE, layer("mine"));
    Digest other = origin.addImage("other", "linux/s390x", layer("mips"));
    String type = "application/vnd.oci.image.manifest.v1+json";
    origin.addManifest(
        "t",
        "application/vnd.oci.image.index.v1+json",
        "{\"schemaVersion\":2,\"manifests\":["
            + FakeRegistry.descriptor(type, other, origin.manifestSize(other), "linux/s390x")
            + ","
            + FakeRegistry.descriptor(type, mine, origin.manifestSize(mine), HERE)
            + "]}");
    pull(":t", RegistryRules.NONE);
    ImageRecord foreign =
        pull(":t", RegistryRules.NONE, Optional.of(Platforms.parse("linux/s390x")));
    assertThat(foreign.id().hex()).isEqualTo(other.hex());
    String ref = "docker://" + originServer.host() + "/a/b:t";
    assertThat(store.byRef(ref).orElseThrow().id().hex()).isEqualTo(mine.hex());
    assertThat(store.byRef(ref + "?platform=linux/s390x").orElseThrow().id().hex())
        .isEqualTo(other.hex());
    ImageRecord here = pull(":t", RegistryRules.NONE, Optional.of(Platforms.parse(HERE)));
    assertThat(here.id().hex()).isEqualTo(mine.hex());
    assertThatThrownBy(
            () -> pull(":t", RegistryRules.NONE, Optional.of(Platforms.parse("plan9/386"))))
        .hasMessageContaining("does not exist for plan9/386");
  }
}
