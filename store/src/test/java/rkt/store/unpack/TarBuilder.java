package rkt.store.unpack;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes tar archives, honest and hostile ones: every field can be set to anything. */
public final class TarBuilder {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** One header under construction. */
  public final class Entry {
    private final byte[] header = new byte[512];
    private byte[] data = new byte[0];
    private boolean sizeSet;

    private Entry(String name, char type) {
      raw(0, 100, name.getBytes(StandardCharsets.UTF_8));
      mode(type == '5' ? 0755 : 0644).uid(0).gid(0).mtime(1_000_000_000L);
      header[156] = (byte) type;
      raw(257, 8, "ustar\00000".getBytes(StandardCharsets.US_ASCII));
    }

    public Entry mode(int mode) {
      return octal(100, 8, mode);
    }

    public Entry uid(long uid) {
      return octal(108, 8, uid);
    }

    public Entry gid(long gid) {
      return octal(116, 8, gid);
    }

    public Entry mtime(long seconds) {
      return octal(136, 12, seconds);
    }

    public Entry link(String target) {
      return raw(157, 100, target.getBytes(StandardCharsets.UTF_8));
    }

    public Entry device(int major, int minor) {
      return octal(329, 8, major).octal(337, 8, minor);
    }

    public Entry data(String text) {
      return data(text.getBytes(StandardCharsets.UTF_8));
    }

    public Entry data(byte[] bytes) {
      data = bytes;
      return this;
    }

    /** A size that need not be that of the data. */
    public Entry size(long size) {
      sizeSet = true;
      return octal(124, 12, size);
    }

    public Entry octal(int offset, int length, long value) {
      String digits = Long.toOctalString(value);
      String padded = "0".repeat(Math.max(0, length - 1 - digits.length())) + digits;
      return raw(offset, length, padded.getBytes(StandardCharsets.US_ASCII));
    }

    public Entry raw(int offset, int length, byte[] bytes) {
      Arrays.fill(header, offset, offset + length, (byte) 0);
      System.arraycopy(bytes, 0, header, offset, Math.min(length, bytes.length));
      return this;
    }

    public TarBuilder add() {
      if (!sizeSet) {
        octal(124, 12, data.length);
      }
      Arrays.fill(header, 148, 156, (byte) ' ');
      int sum = 0;
      for (byte b : header) {
        sum += b & 0xff;
      }
      octal(148, 7, sum);
      header[155] = ' ';
      out.writeBytes(header);
      out.writeBytes(data);
      out.writeBytes(new byte[-data.length & 511]);
      return TarBuilder.this;
    }
  }

  public Entry entry(String name, char type) {
    return new Entry(name, type);
  }

  public TarBuilder file(String name, String text) {
    return entry(name, '0').data(text).add();
  }

  public TarBuilder dir(String name) {
    return entry(name, '5').add();
  }

  public TarBuilder symlink(String name, String target) {
    return entry(name, '2').link(target).add();
  }

  public TarBuilder hardLink(String name, String target) {
    return entry(name, '1').link(target).add();
  }

  /** An extended header; key, value, key, value. */
  public TarBuilder pax(String... records) {
    return paxBytes('x', records);
  }

  public TarBuilder paxBytes(char type, String... records) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int i = 0; i < records.length; i += 2) {
      // Latin 1, so that a value can hold any bytes.
      byte[] record =
          (" " + records[i] + "=" + records[i + 1] + "\n").getBytes(StandardCharsets.ISO_8859_1);
      int length = record.length + 1;
      while (length != record.length + Integer.toString(length).length()) {
        length++;
      }
      body.writeBytes(Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
      body.writeBytes(record);
    }
    return entry("PaxHeaders/x", type).data(body.toByteArray()).add();
  }

  public TarBuilder gnuLongName(String name) {
    return entry("././@LongLink", 'L').data(name + "\0").add();
  }

  public TarBuilder raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /** The archive with its end marker. */
  public byte[] bytes() {
    byte[] body = out.toByteArray();
    return Arrays.copyOf(body, body.length + 1024);
  }

  /** The archive without its end marker. */
  public byte[] unfinished() {
    return out.toByteArray();
  }
}
