package rkt.store.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Sniffing and inflating; truncated, damaged and mislabelled data; bombs. */
class CompressionTest {
  private static final byte[] TAR = new TarBuilder().file("a", "x".repeat(5000)).bytes();

  /** 20 times "hello hello hello " and 3000 times "a", by the bzip2 tool. */
  private static final String BZIP2 =
      "QlpoOTFBWSZTWR0oXBEAAHGRCMAAIkSAAIAIIAAxDAgTVU02p6mUNLntKyhwjfqG1DKfi7kinChIDpQuCIA=";

  interface Wrap {
    OutputStream around(OutputStream out) throws IOException;
  }

  private static byte[] compress(byte[] data, Wrap wrap) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = wrap.around(bytes)) {
      out.write(data);
    }
    return bytes.toByteArray();
  }

  private static byte[] gzip(byte[] data) throws IOException {
    return compress(data, GZIPOutputStream::new);
  }

  private static Map<Compression, byte[]> all() throws IOException {
    Map<Compression, byte[]> all = new EnumMap<>(Compression.class);
    all.put(Compression.GZIP, gzip(TAR));
    all.put(Compression.XZ, compress(TAR, out -> new XZOutputStream(out, new LZMA2Options(1))));
    all.put(
        Compression.ZSTD,
        compress(
            TAR,
            out -> {
              ZstdOutputStream zstd = new ZstdOutputStream(out);
              zstd.setChecksum(true);
              return zstd;
            }));
    return all;
  }

  private static byte[] open(byte[] data) throws IOException {
    try (InputStream in = Compression.openTar(new ByteArrayInputStream(data), "the image")) {
      return in.readAllBytes();
    }
  }

  @Test
  void inflatesAll() throws IOException {
    assertThat(open(TAR)).isEqualTo(TAR);
    for (Map.Entry<Compression, byte[]> one : all().entrySet()) {
      assertThat(Compression.sniff(one.getValue(), "x")).isEqualTo(one.getKey());
      assertThat(open(one.getValue())).as("%s", one.getKey()).isEqualTo(TAR);
    }
    byte[] hello = open(Base64.getDecoder().decode(BZIP2));
    assertThat(new String(hello, StandardCharsets.US_ASCII))
        .isEqualTo("hello hello hello ".repeat(20) + "a".repeat(3000));
  }

  @Test
  void everyTruncationIsNoticed() throws IOException {
    Map<Compression, byte[]> all = all();
    all.put(Compression.BZIP2, Base64.getDecoder().decode(BZIP2));
    for (Map.Entry<Compression, byte[]> one : all.entrySet()) {
      byte[] whole = one.getValue();
      for (int length = 0; length < whole.length; length++) {
        byte[] part = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> open(part))
            .as("%s cut at %d", one.getKey(), length)
            .isInstanceOf(ArchiveException.class);
      }
    }
  }

  /** Whatever the bytes are: an exception of ours, or (where nothing checks it) other data. */
  @Test
  void randomDamageNeverCrashes() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<Compression, byte[]> all = all();
    all.put(Compression.BZIP2, Base64.getDecoder().decode(BZIP2));
    for (Map.Entry<Compression, byte[]> one : all.entrySet()) {
      for (int round = 0; round < 500; round++) {
        byte[] bad = one.getValue().clone();
        for (int i = 0; i <= random.nextInt(3); i++) {
          bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
        }
        try {
          open(bad);
        } catch (ArchiveException e) {
          assertThat(e.getMessage()).isNotEmpty();
        } catch (RuntimeException e) {
          throw new AssertionError(one.getKey() + ", seed " + seed + ", round " + round, e);
        }
      }
    }
  }

  /** eStargz and pigz write many members; a network stream says that nothing is available. */
  @Test
  void manyGzipMembersFromAStreamThatNeverKnowsMore() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < TAR.length; i += 1000) {
      bytes.write(gzip(Arrays.copyOfRange(TAR, i, Math.min(i + 1000, TAR.length))));
    }
    bytes.write(new byte[100]);
    InputStream slow =
        new FilterInputStream(new ByteArrayInputStream(bytes.toByteArray())) {
          @Override
          public int available() {
            return 0;
          }

          @Override
          public int read(byte[] b, int off, int len) throws IOException {
            return super.read(b, off, Math.min(len, 1));
          }
        };
    assertThat(Compression.openTar(slow, "x").readAllBytes()).isEqualTo(TAR);
  }

  @Test
  void garbageBehindGzip() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(gzip(TAR));
    bytes.write("garbage".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> open(bytes.toByteArray())).hasMessageContaining("garbage");
  }

  @Test
  void mislabelled() {
    byte[] html = "<html><body>404</body></html>".getBytes(StandardCharsets.US_ASCII);
    assertThatThrownBy(() -> open(html)).hasMessageContaining("text file");
    assertThatThrownBy(() -> open(new byte[0])).hasMessageContaining("empty");
    byte[] elf = new byte[1000];
    elf[0] = 0x7f;
    assertThatThrownBy(() -> open(elf)).hasMessage("error: unknown image filetype");
    // A zip, for those who think everything is one.
    byte[] zip = {'P', 'K', 3, 4, 0, 0};
    assertThatThrownBy(() -> open(zip)).hasMessage("error: unknown image filetype");
  }

  @Test
  void bombs() {
    BombGuard absolute = new BombGuard(1000, () -> 1);
    assertThatThrownBy(() -> absolute.bytes(new byte[0], 0, 1001)).hasMessageContaining("larger");
    BombGuard ratio = new BombGuard(Long.MAX_VALUE, () -> 1000);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 2000; i++) {
                ratio.bytes(new byte[0], 0, 1 << 20);
              }
            })
        .hasMessageContaining("decompression bomb");
  }

  /** A zstd frame that wants a window of terabytes. */
  @Test
  void zstdWindowIsBounded() {
    byte[] frame = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) 0xf8, 1, 0, 0};
    assertThatThrownBy(() -> open(frame)).isInstanceOf(ArchiveException.class);
  }

  @Test
  void bzip2OfTheTool(@TempDir Path temporary) throws Exception {
    Assumptions.assumeTrue(new File("/usr/bin/bzip2").canExecute(), "needs the bzip2 tool");
    byte[] data = new byte[2_500_000];
    Random random = new Random(1);
    for (int i = 0; i < data.length; i++) {
      // Runs, noise and text, over several blocks.
      data[i] = (byte) (i % 70_000 < 30_000 ? 'r' : i % 3 == 0 ? random.nextInt(256) : i / 100);
    }
    Path file = Files.write(temporary.resolve("data"), data);
    Process bzip2 = new ProcessBuilder("/usr/bin/bzip2", "-k", file.toString()).start();
    assertThat(bzip2.waitFor()).isZero();
    byte[] once = Files.readAllBytes(temporary.resolve("data.bz2"));
    assertThat(open(once)).isEqualTo(data);
    // Two streams one after the other, as pbzip2 writes them.
    byte[] twice = Arrays.copyOf(once, once.length * 2);
    System.arraycopy(once, 0, twice, once.length, once.length);
    assertThat(open(twice)).hasSize(2 * data.length);
  }
}
