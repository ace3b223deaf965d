package rkt.trust.pgp;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a stream of OpenPgp packets (RFC 9580, section 4.2) and checks every length in it, those
 * inside signatures included, so that no parser behind it can be made to allocate or read beyond
 * the file.
 */
final class Packets {
  static final int SIGNATURE = 2;
  static final int SECRET_KEY = 5;
  static final int PUBLIC_KEY = 6;
  static final int MARKER = 10;
  static final int USER_ID = 13;
  static final int SUBKEY = 14;
  static final int USER_ATTRIBUTE = 17;

  private static final int EMBEDDED_SIGNATURE = 32;
  private static final int MAX_PACKETS = 20_000;

  /**
   * One packet.
   *
   * @param from the first byte of its header
   * @param body the first byte after it
   * @param to the first byte after the packet
   */
  record Packet(int tag, int from, int body, int to) {}

  private final byte[] data;
  private int at;

  private Packets(byte[] data) {
    this.data = data;
  }

  /** All packets, whole and in order. */
  static List<Packet> of(byte[] data) throws OpenPgpException {
    Packets reader = new Packets(data);
    List<Packet> out = new ArrayList<>();
    while (reader.at < data.length) {
      if (out.size() == MAX_PACKETS) {
        throw new OpenPgpException("openpgp: more than " + MAX_PACKETS + " packets");
      }
      out.add(reader.next());
    }
    return out;
  }

  private Packet next() throws OpenPgpException {
    int from = at;
    int first = octet();
    if ((first & 0x80) == 0) {
      throw new OpenPgpException("openpgp: not an OpenPGP packet at byte " + from);
    }
    boolean current = (first & 0x40) != 0;
    long length = current ? currentLength() : oldLength(first & 3);
    int tag = current ? first & 0x3f : (first >> 2) & 0xf;
    if (length > data.length - at) {
      throw new OpenPgpException("openpgp: the packet at byte " + from + " is cut");
    }
    Packet packet = new Packet(tag, from, at, at + (int) length);
    at = packet.to();
    return packet;
  }

  private long currentLength() throws OpenPgpException {
    int first = octet();
    if (first < 192) {
      return first;
    }
    if (first < 224) {
      return ((first - 192) << 8) + octet() + 192;
    }
    if (first == 255) {
      return octets(4);
    }
    throw new OpenPgpException("openpgp: a key or signature of partial length");
  }

  private long oldLength(int type) throws OpenPgpException {
    if (type == 3) {
      throw new OpenPgpException("openpgp: a key or signature of indeterminate length");
    }
    return octets(1 << type);
  }

  private long octets(int count) throws OpenPgpException {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 8 | octet();
    }
    return value;
  }

  private int octet() throws OpenPgpException {
    if (at >= data.length) {
      throw new OpenPgpException("openpgp: a packet is cut at the end of the file");
    }
    return data[at++] & 0xff;
  }

  /** The first byte of a packet's body: the version of keys and signatures; -1 when empty. */
  static int version(byte[] data, Packet packet) {
    return packet.body() < packet.to() ? data[packet.body()] & 0xff : -1;
  }

  /** Checks the inner lengths of a version 4 signature. */
  static void checkSignature(byte[] data, Packet packet) throws OpenPgpException {
    checkSignature(data, packet.body(), packet.to(), true);
  }

  private static void checkSignature(byte[] data, int from, int to, boolean mayEmbed)
      throws OpenPgpException {
    if (to - from < 6 || data[from] != 4) {
      throw new OpenPgpException("openpgp: malformed signature packet");
    }
    int afterHashed = checkArea(data, from + 4, to, mayEmbed);
    int afterUnhashed = checkArea(data, afterHashed, to, mayEmbed);
    if (to - afterUnhashed < 2 + 2) {
      throw new OpenPgpException("openpgp: malformed signature packet");
    }
  }

  /** An area of subpackets: two octets of length, then the subpackets. */
  private static int checkArea(byte[] data, int from, int to, boolean mayEmbed)
      throws OpenPgpException {
    if (to - from < 2) {
      throw new OpenPgpException("openpgp: malformed signature packet");
    }
    int length = (data[from] & 0xff) << 8 | (data[from + 1] & 0xff);
    int end = from + 2 + length;
    if (end > to) {
      throw new OpenPgpException("openpgp: malformed signature packet");
    }
    int at = from + 2;
    while (at < end) {
      int first = data[at] & 0xff;
      int header = first < 192 ? 1 : first < 255 ? 2 : 5;
      if (at + header > end) {
        throw new OpenPgpException("openpgp: malformed signature subpacket");
      }
      long size =
          switch (header) {
            case 1 -> first;
            case 2 -> ((first - 192L) << 8) + (data[at + 1] & 0xff) + 192;
            default ->
                (data[at + 1] & 0xffL) << 24
                    | (data[at + 2] & 0xff) << 16
                    | (data[at + 3] & 0xff) << 8
                    | (data[at + 4] & 0xff);
          };
      int body = at + header;
      if (size < 1 || size > end - body) {
        throw new OpenPgpException("openpgp: malformed signature subpacket");
      }
      if ((data[body] & 0x7f) == EMBEDDED_SIGNATURE) {
        if (!mayEmbed) {
          throw new OpenPgpException("openpgp: signatures nested too deep");
        }
        checkSignature(data, body + 1, body + (int) size, false);
      }
      at = body + (int) size;
    }
    return end;
  }

  /**
   * The first key of a file with what belongs to it and matters here: its user IDs, subkeys and
   * their signatures. Photographs, what other versions of the format call keys, and the notes of
   * keyrings are left out, each with its signatures.
   */
  static byte[] firstKey(byte[] data) throws OpenPgpException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(data.length);
    boolean seen = false;
    boolean dropping = false;
    for (Packet packet : of(data)) {
      int tag = packet.tag();
      if (tag == SECRET_KEY && !seen) {
        throw new OpenPgpException("openpgp: this is a private key; a public key is wanted");
      }
      if (tag == PUBLIC_KEY || tag == SECRET_KEY) {
        if (seen) {
          break;
        }
        checkPrimary(data, packet);
        seen = true;
        dropping = false;
      } else if (!seen && tag != MARKER) {
        throw new OpenPgpException("openpgp: the file does not begin with a public key");
      } else if (tag == USER_ID) {
        dropping = false;
      } else if (tag == SUBKEY) {
        dropping = version(data, packet) != 4;
      } else if (tag == USER_ATTRIBUTE) {
        dropping = true;
      }
      if (!dropping && wanted(data, packet)) {
        out.write(data, packet.from(), packet.to() - packet.from());
      }
    }
    if (!seen) {
      throw new OpenPgpException("openpgp: no public key found");
    }
    return out.toByteArray();
  }

  /** How many keys, with all that belongs to each, a file has. */
  static int keys(byte[] data) throws OpenPgpException {
    int keys = 0;
    for (Packet packet : of(data)) {
      if (packet.tag() == PUBLIC_KEY || packet.tag() == SECRET_KEY) {
        keys++;
      }
    }
    return keys;
  }

  private static void checkPrimary(byte[] data, Packet packet) throws OpenPgpException {
    int version = version(data, packet);
    if (version != 4) {
      throw new OpenPgpException(
          "openpgp: keys of version " + version + " are not supported, only version 4");
    }
  }

  private static boolean wanted(byte[] data, Packet packet) throws OpenPgpException {
    return switch (packet.tag()) {
      case PUBLIC_KEY, SUBKEY, USER_ID -> true;
      case SIGNATURE -> {
        if (version(data, packet) != 4) {
          yield false;
        }
        checkSignature(data, packet);
        yield true;
      }
      default -> false;
    };
  }
}
