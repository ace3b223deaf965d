package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.appc.ImageManifest;
import rkt.schema.oci.Descriptor;
import rkt.schema.trust.Verdict;
import rkt.store.StoreFixture.OciImage;
import rkt.store.unpack.TarBuilder;

/** Downloads that break off, go on, were spoilt by a power loss, or are shared. */
class ResumptionTest {
  @TempDir Path temporary;
  private StoreFixture f;
  private OciImage image;
  private byte[] blob;
  private Descriptor layer;

  @BeforeEach
  void open() throws EngineException {
    f = new StoreFixture(temporary);
    byte[] noise = new byte[300_000];
    new java.util.Random(7).nextBytes(noise);
    image = OciImage.of(new TarBuilder().entry("noise", '0').data(noise).add().file("end", "x"));
    blob = image.blobs().get(0);
    layer = image.layer(0);
  }

  /**
   * Serves the blob from any place on, breaks off where told, remembers from where it was asked.
   */
  private static class Source implements ResumableSource {
    private final byte[] bytes;
    private final int breakAt;
    private final List<Long> asked = new ArrayList<>();

    Source(byte[] bytes, int breakAt) {
      this.bytes = bytes;
      this.breakAt = breakAt;
    }

    @Override
    public InputStream open(long from) {
      asked.add(from);
      int start = (int) from;
      InputStream whole = new ByteArrayInputStream(bytes, start, bytes.length - start);
      return new InputStream() {
        private int position = start;

        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
          if (position >= breakAt) {
            throw new IOException("connection reset");
          }
          int n = whole.read(b, off, Math.min(len, Math.min(7000, breakAt - position)));
          position += Math.max(n, 0);
          return n;
        }
      };
    }
  }

  private static final int NEVER = Integer.MAX_VALUE;

  private void breaksOffAt(int position) throws EngineException {
    try (OciImport oci = f.store.beginOci()) {
      Source source = new Source(blob, position);
      assertThatThrownBy(() -> oci.unpackLayer(layer, image.diffId(0), source))
          .hasMessageContaining("connection reset");
    }
  }

  private Path partial() {
    return f.cas.resolve("partial/blob-sha256-" + layer.digest().hex());
  }

  private void completes(Source source) throws EngineException {
    try (OciImport oci = f.store.beginOci()) {
      oci.unpackLayer(layer, image.diffId(0), source);
      oci.commit(image.commit("app"));
    }
    assertThat(f.store.verify(f.store.get(image.id()).orElseThrow()).problems()).isEmpty();
    assertThat(f.cas.resolve("partial")).isEmptyDirectory();
  }

  @Test
  void whatArrivedIsNotDownloadedAgain() throws EngineException {
    breaksOffAt(100_000);
    assertThat(partial()).hasSize(100_000);
    breaksOffAt(200_000);
    Source rest = new Source(blob, NEVER);
    completes(rest);
    assertThat(rest.asked).containsExactly(200_000L);
  }

  @Test
  void nothingIsAskedForWhenAllIsHere() throws EngineException, IOException {
    breaksOffAt(100_000);
    Files.write(partial(), blob);
    Source rest = new Source(blob, NEVER);
    completes(rest);
    assertThat(rest.asked).isEmpty();
  }

  /** After a power loss the end of the kept file may be zeros. */
  @Test
  void spoiltBytesAreDownloadedAgain() throws EngineException, IOException {
    breaksOffAt(100_000);
    byte[] kept = Files.readAllBytes(partial());
    Arrays.fill(kept, 60_000, kept.length, (byte) 0);
    Files.write(partial(), kept);
    Source rest = new Source(blob, NEVER);
    completes(rest);
    assertThat(rest.asked).containsExactly(100_000L, 0L);
  }

  @Test
  void aFileLongerThanTheBlobIsForgotten() throws EngineException, IOException {
    breaksOffAt(100_000);
    Files.write(partial(), new byte[blob.length + 1]);
    Source rest = new Source(blob, NEVER);
    completes(rest);
    assertThat(rest.asked).containsExactly(0L);
  }

  /** A server whose bytes are wrong is asked once; it leaves nothing. */
  @Test
  void wrongBytesAreNotKept() throws EngineException {
    byte[] wrong = blob.clone();
    wrong[blob.length / 2] ^= 1;
    Source source = new Source(wrong, NEVER);
    try (OciImport oci = f.store.beginOci()) {
      assertThatThrownBy(() -> oci.writeBlob(layer, source)).hasMessageContaining("has the digest");
    }
    assertThat(source.asked).containsExactly(0L);
    assertThat(partial()).doesNotExist();
  }

  /** A body that ends early without a failure is a broken connection like any other. */
  @Test
  void aShortBodyIsKept() throws EngineException {
    Source half = new Source(Arrays.copyOf(blob, 150_000), NEVER);
    try (OciImport oci = f.store.beginOci()) {
      assertThatThrownBy(() -> oci.unpackLayer(layer, image.diffId(0), half))
          .isInstanceOf(EngineException.class);
    }
    Source rest = new Source(blob, NEVER);
    completes(rest);
    assertThat(rest.asked).containsExactly(150_000L);
  }

  @Test
  void aDownloadIsShared() throws Exception {
    CountDownLatch second = new CountDownLatch(1);
    Source first =
        new Source(blob, NEVER) {
          @Override
          public InputStream open(long from) {
            try {
              assertThat(second.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            return super.open(from);
          }
        };
    Source unused =
        new Source(blob, NEVER) {
          @Override
          public void waiting() {
            second.countDown();
          }
        };
    try (ExecutorService pool = Executors.newFixedThreadPool(2);
        OciImport one = f.store.beginOci();
        OciImport two = f.store.beginOci();
        PartialBlob held = one.partialBlob(layer, () -> {})) {
      Future<?> waits =
          pool.submit(() -> {
            two.unpackLayer(layer, image.diffId(0), unused);
            return two.commit(image.commit("two"));
          });
      held.unpack(image.diffId(0), first);
      held.close();
      waits.get(30, TimeUnit.SECONDS);
    }
    assertThat(unused.asked).isEmpty();
    assertThat(f.store.byRef("docker://host/two:latest")).isPresent();
  }

  @Test
  void gcKeepsWhatIsYoungOrHeld() throws EngineException, IOException {
    breaksOffAt(100_000);
    f.store.gc(StoreFixture.SWEEP);
    assertThat(partial()).exists();
    Files.setLastModifiedTime(partial(), FileTime.fromMillis(1));
    try (OciImport oci = f.store.beginOci();
        PartialBlob held = oci.partialBlob(layer, () -> {})) {
      f.store.gc(StoreFixture.ALL);
      assertThat(held.have()).isEqualTo(100_000);
    }
    assertThat(partial()).exists();
    f.store.gc(StoreFixture.SWEEP);
    assertThat(f.files()).isEmpty();
  }

  @Test
  void aDownloadHasANote() throws EngineException, IOException {
    String key = "https://example.com/a.aci";
    try (PartialDownload download = f.store.partial(key, () -> {})) {
      assertThat(download.size()).isZero();
      assertThat(download.note()).isEmpty();
      download.note("etag: \"1\"");
      download.append().write("hello".getBytes(StandardCharsets.UTF_8));
    }
    try (PartialDownload download = f.store.partial(key, () -> {})) {
      assertThat(download.note()).contains("etag: \"1\"");
      download.append().write(" world".getBytes(StandardCharsets.UTF_8));
      assertThat(download.read().readAllBytes()).asString().isEqualTo("hello world");
      f.store.gc(StoreFixture.ALL);
      download.reset();
      assertThat(download.size()).isZero();
      assertThat(download.note()).isEmpty();
      download.append().write('x');
      download.discard();
    }
    assertThat(f.files()).isEmpty();
    try (PartialDownload empty = f.store.partial(key, () -> {})) {
      assertThat(empty.size()).isZero();
    }
    assertThat(f.files()).isEmpty();
  }

  @Test
  void pullsOfOneImageTakeTurns() throws Exception {
    CountDownLatch waiting = new CountDownLatch(1);
    try (ExecutorService pool = Executors.newFixedThreadPool(1)) {
      Future<?> second;
      try (PullLock first = f.store.pullLock("sha256:0/1", () -> {})) {
        assertThat(first).isNotNull();
        second =
            pool.submit(() -> {
              f.store.pullLock("sha256:0/1", waiting::countDown).close();
              return null;
            });
        assertThat(waiting.await(30, TimeUnit.SECONDS)).isTrue();
        f.store.gc(StoreFixture.ALL);
      }
      second.get(30, TimeUnit.SECONDS);
    }
    assertThat(f.files()).isEmpty();
  }

  @Test
  void evidenceGoesWithTheImage() throws EngineException, IOException {
    byte[] proof = "{\"signatures\":[]}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> f.store.saveEvidence(image.id(), proof))
        .hasMessageContaining("cannot find image");
    ImageRecord record = f.importOci(image, "app");
    f.store.saveEvidence(record.id(), proof);
    f.store.gc(StoreFixture.SWEEP);
    assertThat(f.store.evidence(record.id()).orElseThrow()).isEqualTo(proof);
    assertThatThrownBy(() -> f.store.saveEvidence(record.id(), new byte[17 << 20]))
        .hasMessageContaining("larger");
    f.store.remove(record.id());
    assertThat(f.store.evidence(record.id())).isEmpty();
  }

  /** Two who fetch an image by two names each bring signatures for their own. */
  @Test
  void evidenceAddedByManyAtOnceIsAllKept() throws Exception {
    ImageRecord record = f.importOci(image, "app");
    int adding = 8;
    int times = 10;
    try (ExecutorService pool = Executors.newFixedThreadPool(adding)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < adding; i++) {
        ImageStore store = ImageStore.open(f.cas, f.kernel);
        all.add(
            pool.submit(() -> {
              for (int j = 0; j < times; j++) {
                store.updateEvidence(record.id(), ResumptionTest::oneMore);
              }
              return null;
            }));
      }
      for (Future<?> each : all) {
        each.get(30, TimeUnit.SECONDS);
      }
    }
    assertThat(f.store.evidence(record.id()).orElseThrow()).hasSize(adding * times);
  }

  private static byte[] oneMore(byte[] before) {
    return Arrays.copyOf(before, before.length + 1);
  }

  @Test
  void contentIsVerifiedWhileItIsRead() throws EngineException, IOException {
    ImageRecord record = f.importOci(image, "app");
    try (InputStream in = f.store.openBlob(layer.digest())) {
      assertThat(in.readAllBytes()).isEqualTo(blob);
    }
    assertThat(f.store.ociManifestBytes(record)).isEqualTo(image.manifest());
    assertThat(f.store.ociConfigBytes(record)).isEqualTo(image.config());
    assertThat(f.store.ociManifest(record).layers()).hasSize(1);
    Path file = f.cas.resolve("oci/" + layer.digest().hex().substring(0, 2));
    byte[] damaged = blob.clone();
    damaged[9] ^= 1;
    Files.write(file.resolve(layer.digest().hex()), damaged);
    try (InputStream in = f.store.openBlob(layer.digest())) {
      assertThatThrownBy(in::readAllBytes).hasMessageContaining("is damaged");
    }
    byte[] archive = StoreFixture.aci("example.com/a", "").bytes();
    ImageRecord aci = f.importAci(StoreFixture.gzip(archive));
    try (InputStream in = f.store.openAci(aci)) {
      assertThat(in.readAllBytes()).isEqualTo(archive);
    }
    assertThatThrownBy(() -> f.store.openAci(record)).hasMessageContaining("not an ACI");
    assertThatThrownBy(() -> f.store.ociManifest(aci)).hasMessageContaining("not an OCI image");
  }

  @Test
  void aGateSeesEveryByteAndDecides() throws EngineException, IOException {
    byte[] file =
        Arrays.copyOf(StoreFixture.gzip(StoreFixture.aci("example.com/a", "").bytes()), 5000);
    Seen seen = new Seen(Verdict.unchecked("judged", 3));
    ImportOptions options = ImportOptions.of("a.aci").withGate(seen);
    ImageRecord record = f.importAci(file, options);
    assertThat(seen.count).isEqualTo(file.length);
    assertThat(seen.asked).isEqualTo(record.id());
    assertThat(f.store.get(record.id()).orElseThrow().verdict()).isEqualTo(seen.verdict);
    f.store.remove(record.id());

    Gate closed =
        new Seen(seen.verdict) {
          @Override
          public Verdict admit(ImageManifest manifest, ImageId id) throws EngineException {
            throw EngineException.of(ErrorCode.REFUSED, "fetch", "no signature");
          }
        };
    assertThatThrownBy(() -> f.importAci(file, options.withGate(closed)))
        .hasMessageContaining("no signature");
    assertThat(f.files()).isEmpty();
  }

  private static class Seen implements Gate {
    final Verdict verdict;
    long count;
    ImageId asked = ImageId.sha512("0");

    Seen(Verdict verdict) {
      this.verdict = verdict;
    }

    @Override
    public void bytes(byte[] block, int offset, int length) {
      count += length;
    }

    @Override
    public Verdict admit(ImageManifest manifest, ImageId id) throws EngineException {
      asked = id;
      return verdict;
    }
  }
}
