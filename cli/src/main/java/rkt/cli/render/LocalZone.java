package rkt.cli.render;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The machine's time zone, read from its TZif file (RFC 8536) the way Go chooses it: {@code TZ}
 * when set (empty means UTC), else {@code /etc/localtime}, else UTC. Small, because printing one
 * time must not load a database of every zone on earth.
 */
public final class LocalZone {
  /** How far local time is ahead of UTC, and what that is called. */
  public record Offset(int seconds, String abbreviation) {}

  public static final LocalZone UTC =
      new LocalZone(new long[0], new Offset[0], new Offset(0, "UTC"), null);

  private static final String DATABASE = "/usr/share/zoneinfo";
  private static final int MAX_FILE = 1 << 20;

  private final long[] transitions;
  private final Offset[] after;
  private final Offset before;
  private final @Nullable PosixRule rule;

  private LocalZone(long[] transitions, Offset[] after, Offset before, @Nullable PosixRule rule) {
    this.transitions = transitions;
    this.after = after;
    this.before = before;
    this.rule = rule;
  }

  /** The zone of this process. */
  public static LocalZone system() {
    String name = System.getenv("TZ");
    if (name == null) {
      return read(Path.of("/etc/localtime"));
    }
    String bare = name.startsWith(":") ? name.substring(1) : name;
    if (bare.isEmpty() || bare.contains("..")) {
      return UTC;
    }
    return read(bare.startsWith("/") ? Path.of(bare) : Path.of(DATABASE, bare));
  }

  private static LocalZone read(Path file) {
    try {
      return Files.size(file) > MAX_FILE ? UTC : parse(Files.readAllBytes(file));
    } catch (IOException | RuntimeException e) {
      // A missing or broken zone file is no reason to refuse a listing; Go falls back alike.
      return UTC;
    }
  }

  /** The offset in force at a time in seconds since the epoch. */
  public Offset at(long epochSecond) {
    int index = -1;
    for (int i = 0; i < transitions.length && transitions[i] <= epochSecond; i++) {
      index = i;
    }
    if (index == transitions.length - 1 && rule != null) {
      return rule.at(epochSecond);
    }
    return index < 0 ? before : after[index];
  }

  /**
   * @throws RuntimeException when the bytes are no TZif file
   */
  static LocalZone parse(byte[] bytes) {
    ByteBuffer file = ByteBuffer.wrap(bytes);
    int[] counts = header(file);
    boolean wide = bytes[4] >= '2';
    if (wide) {
      // The first block has 32-bit times for old readers; skip it.
      file.position(file.position() + blockSize(counts, 4));
      counts = header(file);
    }
    int times = counts[3];
    int types = counts[4];
    int chars = counts[5];
    long[] transitions = new long[times];
    for (int i = 0; i < times; i++) {
      transitions[i] = wide ? file.getLong() : file.getInt();
    }
    byte[] index = new byte[times];
    file.get(index);
    int[] offsets = new int[types];
    int[] names = new int[types];
    boolean[] summer = new boolean[types];
    for (int i = 0; i < types; i++) {
      offsets[i] = file.getInt();
      summer[i] = file.get() != 0;
      names[i] = file.get() & 0xff;
    }
    byte[] text = new byte[chars];
    file.get(text);
    file.position(file.position() + counts[2] * (wide ? 12 : 8) + counts[1] + counts[0]);
    Offset[] kinds = new Offset[types];
    Offset before = UTC.before;
    for (int i = types - 1; i >= 0; i--) {
      kinds[i] = new Offset(offsets[i], name(text, names[i]));
      before = summer[i] ? before : kinds[i];
    }
    Offset[] after = new Offset[times];
    for (int i = 0; i < times; i++) {
      after[i] = kinds[index[i] & 0xff];
    }
    return new LocalZone(transitions, after, before, wide ? footer(file) : null);
  }

  /** Counts of UT flags, standard flags, leap seconds, transitions, types, name bytes. */
  private static int[] header(ByteBuffer file) {
    if (file.getInt() != 0x545a6966) {
      throw new IllegalArgumentException("no TZif magic");
    }
    file.position(file.position() + 16);
    int[] counts = new int[6];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = file.getInt();
      if (counts[i] < 0 || counts[i] > MAX_FILE) {
        throw new IllegalArgumentException("TZif count out of range");
      }
    }
    return counts;
  }

  private static int blockSize(int[] counts, int timeSize) {
    return counts[3] * (timeSize + 1)
        + counts[4] * 6
        + counts[5]
        + counts[2] * (timeSize + 4)
        + counts[1]
        + counts[0];
  }

  private static String name(byte[] text, int from) {
    int end = from;
    while (text[end] != 0) {
      end++;
    }
    return new String(text, from, end - from, StandardCharsets.US_ASCII);
  }

  private static @Nullable PosixRule footer(ByteBuffer file) {
    byte[] rest = new byte[file.remaining()];
    file.get(rest);
    String text = new String(rest, StandardCharsets.US_ASCII).strip();
    return text.isEmpty() ? null : PosixRule.parse(text);
  }
}
