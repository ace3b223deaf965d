package rkt.trust.pgp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** ASCII armor (RFC 9580, section 6): base64 between marker lines, with an optional checksum. */
public final class Armor {
  static final String KEY = "PGP PUBLIC KEY BLOCK";
  static final String SIGNATURE = "PGP SIGNATURE";

  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";
  private static final int LINE = 64;
  private static final int MAX_BLOCKS = 32;

  private Armor() {}

  /** Whether the bytes are text; packets have the highest bit of their first byte set. */
  static boolean isText(byte[] file) {
    return file.length > 0 && file[0] >= 0;
  }

  /**
   * The contents of every block with this label, in order; blocks with other labels are passed
   * over.
   *
   * @throws OpenPgpException when a block is cut or its checksum wrong
   */
  static List<byte[]> decode(byte[] file, String label) throws OpenPgpException {
    List<byte[]> out = new ArrayList<>();
    String[] lines = new String(file, StandardCharsets.ISO_8859_1).split("\n", -1);
    int at = 0;
    while (at < lines.length) {
      String line = lines[at++].strip();
      if (!line.startsWith(BEGIN) || !line.endsWith(DASHES)) {
        continue;
      }
      if (line.startsWith("PGP PRIVATE KEY BLOCK", BEGIN.length()) && label.equals(KEY)) {
        throw new OpenPgpException("openpgp: this is a private key; a public key is wanted");
      }
      StringBuilder base64 = new StringBuilder();
      String checksum = "";
      boolean ended = false;
      boolean header = true;
      while (at < lines.length && !ended) {
        String inner = lines[at++].strip();
        if (inner.startsWith(END)) {
          ended = true;
        } else if (header) {
          // "Name: value" lines and one empty line; some writers leave the empty line out.
          header = !inner.isEmpty() && inner.indexOf(':') >= 0;
          base64.append(header ? "" : inner);
        } else if (inner.startsWith("=") && inner.length() == 5) {
          checksum = inner.substring(1);
        } else {
          base64.append(inner);
        }
      }
      if (!ended) {
        throw new OpenPgpException("openpgp: the armor is cut: its end line is missing");
      }
      if (line.equals(BEGIN + label + DASHES)) {
        if (out.size() == MAX_BLOCKS) {
          throw new OpenPgpException("openpgp: more than " + MAX_BLOCKS + " armored blocks");
        }
        out.add(content(base64.toString(), checksum));
      }
    }
    return out;
  }

  private static byte[] content(String base64, String checksum) throws OpenPgpException {
    byte[] content;
    byte[] sum;
    try {
      content = Base64.getDecoder().decode(base64);
      sum = Base64.getDecoder().decode(checksum);
    } catch (IllegalArgumentException e) {
      throw new OpenPgpException("openpgp: the armor is not base64: " + e.getMessage(), e);
    }
    if (sum.length == 3) {
      int expected = (sum[0] & 0xff) << 16 | (sum[1] & 0xff) << 8 | (sum[2] & 0xff);
      if (expected != crc24(content)) {
        throw new OpenPgpException("openpgp: the armor's checksum is wrong: the text is damaged");
      }
    }
    return content;
  }

  /** The content as one armored block. */
  public static byte[] encodeKey(byte[] content) {
    StringBuilder out = new StringBuilder(content.length * 4 / 3 + 128);
    out.append(BEGIN).append(KEY).append(DASHES).append("\n\n");
    String base64 = Base64.getEncoder().encodeToString(content);
    for (int from = 0; from < base64.length(); from += LINE) {
      out.append(base64, from, Math.min(base64.length(), from + LINE)).append('\n');
    }
    int crc = crc24(content);
    byte[] sum = {(byte) (crc >> 16), (byte) (crc >> 8), (byte) crc};
    out.append('=').append(Base64.getEncoder().encodeToString(sum)).append('\n');
    out.append(END).append(KEY).append(DASHES).append('\n');
    return out.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** RFC 9580, section 6.1.1. */
  private static int crc24(byte[] bytes) {
    int crc = 0xb704ce;
    for (byte b : bytes) {
      crc ^= (b & 0xff) << 16;
      for (int i = 0; i < 8; i++) {
        crc <<= 1;
        if ((crc & 0x1000000) != 0) {
          crc ^= 0x1864cfb;
        }
      }
    }
    return crc & 0xffffff;
  }
}
