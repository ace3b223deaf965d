package rkt.store.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Broken, hostile and unusual archives. */
class TarReaderTest {
  private static List<TarEntry> read(byte[] archive, UnpackLimits limits) throws IOException {
    TarReader reader =
        new TarReader(new StreamSource(new ByteArrayInputStream(archive), 333), limits);
    List<TarEntry> entries = new ArrayList<>();
    TarEntry entry;
    while ((entry = reader.next()) != null) {
      entries.add(entry);
    }
    reader.drain();
    return entries;
  }

  private static List<TarEntry> read(TarBuilder archive) throws IOException {
    return read(archive.bytes(), UnpackLimits.DEFAULT);
  }

  private static void broken(TarBuilder archive, String... words) {
    assertThatThrownBy(() -> read(archive))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void everyTruncationIsNoticed() throws IOException {
    byte[] whole = new TarBuilder().pax("mtime", "1").file("a", "x".repeat(700)).unfinished();
    int padding = 1024 - 700;
    for (int length = 1; length < whole.length - padding; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      // Between entries a missing end marker is for the caller to judge.
      assertThatThrownBy(() -> read(part, UnpackLimits.DEFAULT))
          .as("cut at %d", length)
          .isInstanceOf(ArchiveException.class);
    }
  }

  /** umoci ends a layer with the last byte of its last file. */
  @Test
  void closingBlocksAndTheLastPaddingMayBeMissing() throws IOException {
    byte[] whole = new TarBuilder().file("a", "x".repeat(700)).unfinished();
    for (int missing : new int[] {0, 1, 200, 1024 - 700}) {
      byte[] part = Arrays.copyOf(whole, whole.length - missing);
      TarReader reader =
          new TarReader(new StreamSource(new ByteArrayInputStream(part)), UnpackLimits.DEFAULT);
      assertThat(reader.next()).isNotNull();
      assertThat(reader.next()).isNull();
      assertThat(reader.endMarkerSeen()).isFalse();
    }
  }

  @Test
  void damageIsNoticed() {
    byte[] archive = new TarBuilder().file("a", "x").bytes();
    archive[3] ^= 1;
    assertThatThrownBy(() -> read(archive, UnpackLimits.DEFAULT)).hasMessageContaining("check");
  }

  @Test
  void negativeAndHugeSizes() {
    byte[] negative = new byte[12];
    Arrays.fill(negative, (byte) 0xff);
    broken(new TarBuilder().entry("a", '0').size(0).raw(124, 12, negative).add(), "negative size");
    byte[] huge = new byte[12];
    Arrays.fill(huge, (byte) 0x7f);
    huge[0] = (byte) 0x80;
    broken(new TarBuilder().entry("a", '0').size(0).raw(124, 12, huge).add(), "out of range");
    broken(new TarBuilder().entry("a", '0').size(0777777777777L / 2).add(), "cut short");
    broken(
        new TarBuilder().pax("size", "9223372036854775807").entry("a", '0').size(0).add(),
        "larger");
    broken(new TarBuilder().pax("size", "-1").file("a", "x"), "size");
    broken(new TarBuilder().pax("size", "99999999999999999999").file("a", "x"), "too large");
  }

  /** CVE-2025-62518 ("TARmageddon", tokio-tar): header size 0, pax size hides a second archive. */
  @Test
  void paxSizeSkipsNestedArchive() throws IOException {
    byte[] inner = new TarBuilder().file("smuggled", "evil").unfinished();
    List<TarEntry> entries =
        read(
            new TarBuilder()
                .pax("size", Integer.toString(inner.length))
                .entry("outer", '0')
                .size(0)
                .data(inner)
                .add()
                .file("last", "x"));
    assertThat(entries).extracting(TarEntry::name).containsExactly("outer", "last");
  }

  @Test
  void sizesOfOtherTypesAreNoise() throws IOException {
    List<TarEntry> entries = read(new TarBuilder().entry("d", '5').size(5000).add().file("a", "x"));
    assertThat(entries).extracting(TarEntry::name).containsExactly("d", "a");
  }

  @Test
  void ownersOutOfRange() {
    broken(new TarBuilder().pax("uid", "4294967295").file("a", "x"), "owner", "out of range");
    broken(new TarBuilder().pax("gid", "5000000000").file("a", "x"), "owner", "out of range");
  }

  @Test
  void brokenExtendedHeaders() {
    for (String record :
        new String[] {"99 a=b\n", "6 ab\n", "0 a=b\n", "a=b\n", "5 a=b", "7a=bc\n"}) {
      broken(new TarBuilder().entry("p", 'x').data(record).add().file("a", "x"), "extended header");
    }
    broken(new TarBuilder().pax("mtime", "yesterday").file("a", "x"), "time");
  }

  /** A gigabyte of name, 1 KiB compressed: the reader must not hold it. */
  @Test
  void extendedHeadersAreBounded() {
    broken(new TarBuilder().entry("l", 'L').size(1L << 30).add(), "extended header", "larger");
    broken(new TarBuilder().entry("l", 'x').size(1L << 33).add(), "extended header", "larger");
  }

  @Test
  void endlessExtendedHeaders() {
    TarBuilder archive = new TarBuilder();
    for (int i = 0; i < 50; i++) {
      archive.gnuLongName("n" + i);
    }
    broken(archive.file("a", "x"), "extended headers");
    broken(new TarBuilder().gnuLongName("n"), "after an extended header");
  }

  /** A global path or size would apply to all: tools disagree, so it is refused. */
  @Test
  void globalHeadersMayOnlyComment() throws IOException {
    assertThat(read(new TarBuilder().paxBytes('g', "comment", "abc").file("a", "x"))).hasSize(1);
    broken(new TarBuilder().paxBytes('g', "path", "b").file("a", "x"), "global");
    broken(new TarBuilder().paxBytes('g', "size", "1").file("a", "x"), "global");
  }

  @Test
  void loneZeroBlock() {
    byte[] archive = new TarBuilder().file("a", "x").raw(new byte[512]).file("b", "x").bytes();
    assertThatThrownBy(() -> read(archive, UnpackLimits.DEFAULT)).hasMessageContaining("zero");
  }

  @Test
  void unknownTypes() {
    broken(new TarBuilder().entry("a", 'M').add(), "unsupported type: 77");
    broken(new TarBuilder().entry("a", 'V').add(), "unsupported type");
  }

  @Test
  void tooManyEntries() {
    byte[] archive = new TarBuilder().file("a", "").file("b", "").file("c", "").bytes();
    assertThatThrownBy(() -> read(archive, UnpackLimits.DEFAULT.withMaxEntries(2)))
        .hasMessageContaining("more than 2 entries");
  }

  @Test
  void hostileSparseMaps() {
    String[] maps = {"0,600", "100,256,50,256", "0,512,9223372036854775807,1", "5", "0,x", "0,-1"};
    for (String map : maps) {
      broken(
          new TarBuilder()
              .pax("GNU.sparse.size", "1000", "GNU.sparse.map", map)
              .entry("s", '0')
              .data(new byte[512])
              .add(),
          "");
    }
    broken(
        new TarBuilder()
            .pax("GNU.sparse.size", "9000000000000000000", "GNU.sparse.map", "0,512")
            .entry("s", '0')
            .data(new byte[512])
            .add(),
        "larger");
    broken(
        new TarBuilder()
            .pax("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "10")
            .entry("s", '0')
            .data("999999999\n")
            .add(),
        "sparse map");
  }

  /** A kilobyte of archive that whoever hashes the tree would read for hours. */
  @Test
  void manySparseFilesTogether() {
    TarBuilder archive = new TarBuilder();
    for (int i = 0; i < 3; i++) {
      archive
          .pax("GNU.sparse.size", Long.toString(60L << 30), "GNU.sparse.map", "0,512")
          .entry("s" + i, '0')
          .data(new byte[512])
          .add();
    }
    broken(archive, "files are larger than", "together");
  }

  @Test
  void dialects() throws IOException {
    TarBuilder v7 = new TarBuilder();
    v7.entry("dir/", '\0').raw(257, 8, new byte[8]).add();
    v7.entry("file", '\0').raw(257, 8, new byte[8]).data("x").add();
    List<TarEntry> entries = read(v7);
    assertThat(entries.get(0).type()).isEqualTo(TarEntry.Type.DIRECTORY);
    assertThat(entries.get(1).type()).isEqualTo(TarEntry.Type.REGULAR);

    byte[] prefix = "some/prefix".getBytes(StandardCharsets.US_ASCII);
    assertThat(read(new TarBuilder().entry("name", '0').raw(345, 155, prefix).add()))
        .extracting(TarEntry::name)
        .containsExactly("some/prefix/name");
  }

  @Test
  void timesBeforeTheEpoch() throws IOException {
    TarEntry entry = read(new TarBuilder().pax("mtime", "-1.5").file("a", "x")).get(0);
    assertThat(entry.modified()).isEqualTo(new TarEntry.Time(-2, 500_000_000));
  }

  /** Whatever the bytes are, the reader ends with entries or with its own exception. */
  @Test
  void randomDamage() throws IOException {
    byte[] good =
        new TarBuilder()
            .pax("path", "p", "SCHILY.xattr.user.a", "v", "size", "3")
            .file("a", "abc")
            .gnuLongName("long")
            .symlink("s", "t")
            .pax("GNU.sparse.size", "1000", "GNU.sparse.map", "0,512")
            .entry("sparse", '0')
            .data(new byte[512])
            .add()
            .bytes();
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 3000; round++) {
      byte[] bad = good.clone();
      int changes = 1 + random.nextInt(4);
      for (int i = 0; i < changes; i++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      fixChecksums(bad);
      try {
        read(bad, UnpackLimits.DEFAULT);
      } catch (ArchiveException e) {
        assertThat(e).hasMessageNotContaining("null");
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
  }

  /** So that the damage gets past the check sum. */
  private static void fixChecksums(byte[] archive) {
    for (int block = 0; block + 512 <= archive.length; block += 512) {
      if (archive[block + 257] == 'u') {
        Arrays.fill(archive, block + 148, block + 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) {
          sum += archive[block + i] & 0xff;
        }
        String digits = Integer.toOctalString(sum);
        byte[] text =
            ("0".repeat(6 - digits.length()) + digits).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, archive, block + 148, 6);
        archive[block + 154] = 0;
      }
    }
  }
}
