package rkt.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import rkt.image.Diagnostics;
import rkt.image.FetchOptions;
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
import rkt.schema.oci.DockerReference;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.trust.CosignSignature;
import rkt.trust.Evidence;

/** Pushes into a registry that keeps what it gets, and into some that make trouble. */
@Timeout(60)
class ImagePusherTest {
  private static final String HERE = "linux/" + Platforms.host().architecture();
  private static final RegistryLimits QUICK =
      new RegistryLimits(
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofMillis(500),
          3,
          Duration.ofMillis(5),
          3);

  @TempDir private Path directory;
  private final Receiver receiver = new Receiver();
  private final List<String> transfers = new CopyOnWriteArrayList<>();
  private ScriptedServer server;
  private ScriptedServer source;
  private ImageStore store;
  private Digest digest;
  private Layer layer;
  private ImageRecord image;

  @BeforeEach
  void start() throws Exception {
    store = ImageStore.open(directory.resolve("cas"), Kernel.linux());
    FakeRegistry registry = new FakeRegistry();
    source = new ScriptedServer(registry);
    layer = Layer.plain(Tars.of("a", "b", "c"));
    digest = registry.addImage("t", HERE, layer, Layer.gzip(Tars.of("d")));
    DockerReference reference = DockerReference.parse(source.host() + "/src/app:t");
    image = new RegistryImages(store, options()).pull(reference, "x", "docker://x");
    server = new ScriptedServer(receiver);
  }

  @AfterEach
  void stop() throws IOException {
    source.close();
    server.close();
  }

  /** What a registry does with a push. */
  private static final class Receiver implements ScriptedServer.Script {
    final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
    final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();
    final AtomicInteger next = new AtomicInteger();

    @Override
    public void answer(ScriptedServer.Request request, OutputStream out) throws IOException {
      String target = request.target();
      String last = target.substring(target.lastIndexOf('/') + 1);
      if (request.method().equals("HEAD")) {
        head(out, blobs.containsKey(last) ? 200 : 404);
      } else if (target.contains("/manifests/")) {
        manifests.put(last, request.content());
        ScriptedServer.reply(out, 201, "", new byte[0]);
      } else if (request.method().equals("POST")) {
        String upload = "/upload/" + next.incrementAndGet();
        uploads.put(upload, new ByteArrayOutputStream());
        ScriptedServer.reply(out, 202, "", new byte[0], "Location: " + upload + "?state=s");
      } else if (request.method().equals("PATCH")) {
        upload(target).write(request.content());
        ScriptedServer.reply(out, 202, "", new byte[0], "Location: " + target);
      } else if (request.method().equals("PUT")) {
        byte[] content = upload(target).toByteArray();
        String promised = target.substring(target.indexOf("digest=") + "digest=".length());
        boolean right = Digests.of("sha256", content).toString().equals(promised);
        if (right) {
          blobs.put(promised, content);
        }
        ScriptedServer.reply(out, right ? 201 : 400, "", new byte[0]);
      } else {
        int have = upload(target).size();
        ScriptedServer.reply(out, 204, "", new byte[0], "Range: 0-" + (have - 1));
      }
    }

    ByteArrayOutputStream upload(String target) {
      ByteArrayOutputStream found = uploads.get(target.substring(0, target.indexOf('?')));
      if (found == null) {
        throw new IllegalStateException("no such upload: " + target);
      }
      return found;
    }
  }

  private static void head(OutputStream out, int status) throws IOException {
    ScriptedServer.raw(
        out, "HTTP/1.1 " + status + " X\r\nContent-Length: 7\r\nConnection: close\r\n\r\n");
  }

  private FetchOptions options() throws EngineException {
    Diagnostics diagnostics =
        new Diagnostics() {
          @Override
          public void debug(String line) {}

          @Override
          public void warn(String line) {
            transfers.add(line);
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
    return new FetchOptions(
        InsecureOptions.parse("image,http"), PullPolicy.UPDATE, diagnostics, "rkt/test", QUICK);
  }

  private Digest push(String name, boolean signatures) throws EngineException {
    transfers.clear();
    return new ImagePusher(store, Kernel.linux(), options())
        .push(image, DockerReference.parse(server.host() + "/" + name), signatures);
  }

  @Test
  void everythingArrivesByteForByteAndTheManifestLast() throws Exception {
    assertThat(push("team/app:v1", false)).isEqualTo(digest);
    assertThat(receiver.manifests).containsOnlyKeys("v1");
    assertThat(receiver.manifests.get("v1")).isEqualTo(store.ociManifestBytes(image));
    assertThat(receiver.blobs).hasSize(3);
    assertThat(receiver.blobs.get(Digests.of("sha256", layer.packed()).toString()))
        .isEqualTo(layer.packed());
    assertThat(server.requests().getLast().target()).isEqualTo("/v2/team/app/manifests/v1");
    assertThat(server.requests().getLast().header("content-type"))
        .isEqualTo("application/vnd.oci.image.manifest.v1+json");
    assertThat(transfers).hasSize(3).allMatch(line -> line.endsWith(" done true"));
  }

  @Test
  void whatIsThereIsNotSentAgain() throws Exception {
    push("team/app:v1", false);
    int asked = server.requests().size();
    push("team/app:v2", false);
    assertThat(server.requests().subList(asked, server.requests().size()))
        .extracting(ScriptedServer.Request::method)
        .containsExactly("HEAD", "HEAD", "HEAD", "PUT");
    assertThat(transfers).allMatch(line -> line.endsWith(" exists true"));
  }

  @Test
  void anUploadThatBreaksGoesOnWhereItCameTo() throws Exception {
    AtomicInteger broken = new AtomicInteger();
    server.script((request, out) -> {
      boolean big = request.content().length == layer.packed().length;
      if (request.method().equals("PATCH") && big && broken.getAndIncrement() == 0) {
        receiver.upload(request.target()).write(request.content(), 0, 700);
        return;
      }
      receiver.answer(request, out);
    });
    push("team/app:v1", false);
    assertThat(server.requests())
        .anyMatch(request ->
            request.header("content-range").equals("700-" + (layer.packed().length - 1)));
    assertThat(receiver.blobs).hasSize(3);
    assertThat(transfers).allMatch(line -> line.endsWith(" done true"));
  }

  @Test
  void blobsOfTheSameRegistryAreMounted() throws Exception {
    FakeRegistry registry = new FakeRegistry();
    source.script((request, out) -> {
      if (request.method().equals("HEAD")) {
        head(out, 404);
      } else if (request.method().equals("POST")) {
        ScriptedServer.reply(out, 201, "", new byte[0]);
      } else if (request.method().equals("PUT")) {
        ScriptedServer.reply(out, 201, "", new byte[0]);
      } else {
        registry.answer(request, out);
      }
    });
    transfers.clear();
    new ImagePusher(store, Kernel.linux(), options())
        .push(image, DockerReference.parse(source.host() + "/copy/app:v1"), false);
    assertThat(source.requests())
        .filteredOn(request -> request.method().equals("POST"))
        .hasSize(3)
        .allMatch(request -> request.target().contains("&from=src/app"));
    assertThat(transfers).hasSize(3).allMatch(line -> line.endsWith(" mounted true"));
  }

  @Test
  void aRegistryThatStoresSomethingElseIsCaughtOut() {
    server.script((request, out) -> {
      if (request.target().contains("/manifests/")) {
        ScriptedServer.reply(
            out, 201, "", new byte[0], "Docker-Content-Digest: sha256:" + "0".repeat(64));
      } else {
        receiver.answer(request, out);
      }
    });
    assertThatThrownBy(() -> push("team/app:v1", false))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT))
        .hasMessageContaining("instead of " + digest);
  }

  @Test
  void aRegistryThatForbidsIsReported() {
    server.script((request, out) -> {
      if (request.method().equals("POST")) {
        ScriptedServer.reply(out, 403, "", new byte[0]);
      } else {
        receiver.answer(request, out);
      }
    });
    assertThatThrownBy(() -> push("team/app:v1", false))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PERMISSION))
        .hasMessageContaining("403");
    assertThat(receiver.manifests).isEmpty();
  }

  /** The registry would only say that the digest is not the promised one. */
  @Test
  void aDamagedBlobIsFoundBeforeTheRegistryFindsIt() throws Exception {
    String hex = Digests.of("sha256", layer.packed()).hex();
    Path blob = directory.resolve("cas/oci/" + hex.substring(0, 2) + "/" + hex);
    byte[] good = Files.readAllBytes(blob);
    byte[] flipped = good.clone();
    flipped[good.length / 2] ^= 1;
    byte[] longer = Arrays.copyOf(good, good.length + 1);
    for (byte[] bad : List.of(flipped, longer, Arrays.copyOf(good, good.length - 1))) {
      server.requests().clear();
      Files.write(blob, bad);
      assertThatThrownBy(() -> push("team/app:v1", false))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("the stored image cannot be read: ")
          .hasMessageNotContaining(server.host() + ": ");
      assertThat(server.requests())
          .filteredOn(request -> request.method().equals("PUT"))
          .noneMatch(request -> request.target().contains(hex));
    }
    Files.write(blob, flipped);
    assertThatThrownBy(() -> push("team/app:v1", false))
        .isInstanceOfSatisfying(
            EngineException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT);
              assertThat(e.getCause()).as("shown instead").isNotInstanceOf(EngineException.class);
            })
        .hasMessageContaining("blob sha256:" + hex + " is damaged")
        .hasMessageContaining("rkt image verify");
    assertThat(receiver.manifests).isEmpty();
  }

  @Test
  void anUploadWithoutAPlaceAndOneToAnOddPlaceAreRefused() {
    server.script((request, out) -> {
      if (request.method().equals("POST")) {
        ScriptedServer.reply(out, 202, "", new byte[0]);
      } else {
        receiver.answer(request, out);
      }
    });
    assertThatThrownBy(() -> push("team/app:v1", false)).hasMessageContaining("without saying");
    server.script((request, out) -> {
      if (request.method().equals("POST")) {
        ScriptedServer.reply(out, 202, "", new byte[0], "Location: file:///etc/passwd");
      } else {
        receiver.answer(request, out);
      }
    });
    assertThatThrownBy(() -> push("team/app:v1", false))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED));
  }

  @Test
  void aDigestMustBeTheImages() throws Exception {
    assertThatThrownBy(() -> push("team/app@sha256:" + "0".repeat(64), false))
        .hasMessageContaining("the image's digest is " + digest);
    assertThat(server.requests()).isEmpty();
    push("team/app@" + digest, false);
    assertThat(receiver.manifests).containsOnlyKeys(digest.toString());
  }

  @Test
  void signaturesThatNameTheImageGoAlong() throws Exception {
    String payload = "{\"critical\":{\"image\":{\"docker-manifest-digest\":\"" + digest + "\"}}}";
    store.saveEvidence(
        image.id(),
        Evidence.cosign(
                List.of(
                    new CosignSignature(payload.getBytes(StandardCharsets.UTF_8), "sig", "o"),
                    new CosignSignature(new byte[] {'{', '}'}, "other", "o")),
                List.of(digest))
            .toJson());
    push("team/app:v1", true);
    String tag = "sha256-" + digest.hex() + ".sig";
    assertThat(receiver.manifests).containsOnlyKeys("v1", tag);
    assertThat(new String(receiver.manifests.get(tag), StandardCharsets.UTF_8))
        .contains("\"dev.cosignproject.cosign/signature\":\"sig\"")
        .doesNotContain("other");
  }

  @Test
  void withoutSignaturesTheUserIsTold() throws Exception {
    push("team/app:v1", true);
    assertThat(transfers).anyMatch(line -> line.contains("no signature of " + digest));
  }
}
