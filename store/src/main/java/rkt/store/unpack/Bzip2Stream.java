package rkt.store.unpack;

import java.io.IOException;
import java.io.InputStream;

/**
 * bzip2 with any number of streams, written from the format's description (there is no formal
 * standard; see Joe Tsai, "BZIP2: Format Specification"). Every table index is bounded by what was
 * read and checked, so damaged input ends in an exception.
 *
 * <p>Our own because the only library for it brings {@code java.desktop} and three more modules.
 */
final class Bzip2Stream extends InputStream {
  private static final long BLOCK_MAGIC = 0x314159265359L;
  private static final long END_MAGIC = 0x177245385090L;
  private static final int MAX_CODE_LENGTH = 20;
  private static final int GROUP = 50;
  private static final int[] CRC = crcTable();

  private final InputStream in;
  private final byte[] input = new byte[64 << 10];
  private int inputPosition;
  private int inputLimit;
  private int bitBuffer;
  private int bitCount;

  private int[] links = new int[0];
  private int blockSize;
  private int left;
  private int current;
  private int runByte = -1;
  private int runLength;
  private int repeats;
  private int blockCrc;
  private int statedBlockCrc;
  private int streamCrc;
  private boolean inBlock;
  private boolean ended;
  private final byte[] one = new byte[1];

  Bzip2Stream(InputStream in) throws IOException {
    this.in = in;
    streamHeader(bits(8));
  }

  @Override
  public int read() throws IOException {
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] b, int off, int len) throws IOException {
    int done = 0;
    while (done < len && !ended) {
      if (!inBlock) {
        nextBlock();
        continue;
      }
      done += expand(b, off + done, len - done);
    }
    return done == 0 && len > 0 ? -1 : done;
  }

  /** Undoes the first run-length coding: four equal bytes are followed by a count of more. */
  private int expand(byte[] b, int off, int len) throws IOException {
    int n = 0;
    int crc = blockCrc;
    while (n < len) {
      if (repeats > 0) {
        repeats--;
      } else if (left == 0) {
        blockCrc = crc;
        endBlock();
        return n;
      } else {
        current = links[current];
        int octet = current & 0xff;
        current >>>= 8;
        left--;
        if (runLength == 4) {
          runLength = 0;
          repeats = octet;
          continue;
        }
        runLength = octet == runByte ? runLength + 1 : 1;
        runByte = octet;
      }
      b[off + n++] = (byte) runByte;
      crc = crc << 8 ^ CRC[(crc >>> 24 ^ runByte) & 0xff];
    }
    blockCrc = crc;
    return n;
  }

  private void endBlock() throws ArchiveException {
    inBlock = false;
    if (~blockCrc != statedBlockCrc) {
      throw damaged("wrong check sum");
    }
    streamCrc = (streamCrc << 1 | streamCrc >>> 31) ^ statedBlockCrc;
  }

  private void streamHeader(int first) throws IOException {
    int level;
    if (first != 'B'
        || bits(8) != 'Z'
        || bits(8) != 'h'
        || (level = bits(8)) < '1'
        || level > '9') {
      throw ArchiveException.corrupt("garbage after the end of bzip2 data");
    }
    blockSize = (level - '0') * 100_000;
    if (links.length < blockSize) {
      links = new int[blockSize];
    }
    streamCrc = 0;
  }

  private void nextBlock() throws IOException {
    long magic = (long) bits(24) << 24 | bits(24);
    if (magic == END_MAGIC) {
      if ((bits(16) << 16 | bits(16)) != streamCrc) {
        throw damaged("wrong check sum");
      }
      bitCount = 0;
      if (inputPosition == inputLimit && !fill()) {
        ended = true;
      } else {
        streamHeader(bits(8));
      }
      return;
    }
    if (magic != BLOCK_MAGIC) {
      throw damaged("no block where one should be");
    }
    statedBlockCrc = bits(16) << 16 | bits(16);
    if (bits(1) != 0) {
      throw ArchiveException.unsupported("randomized bzip2 blocks are not supported");
    }
    decodeBlock();
  }

  private void decodeBlock() throws IOException {
    int origin = bits(24);
    byte[] symbols = new byte[256];
    int used = readSymbols(symbols);
    int alphabet = used + 2;
    int groups = bits(3);
    int selectorCount = bits(15);
    if (used == 0 || groups < 2 || groups > 6 || selectorCount == 0) {
      throw damaged("bad tables");
    }
    byte[] selectors = readSelectors(groups, selectorCount);
    Codes[] codes = new Codes[groups];
    for (int g = 0; g < groups; g++) {
      codes[g] = readCodes(alphabet);
    }
    int[] counts = new int[256];
    int length = moveToFront(symbols, alphabet, selectors, codes, counts);
    if (origin >= length) {
      throw damaged("bad origin");
    }
    invert(counts, length);
    current = links[origin] >>> 8;
    left = length;
    runByte = -1;
    runLength = 0;
    repeats = 0;
    blockCrc = -1;
    inBlock = true;
  }

  private int readSymbols(byte[] symbols) throws IOException {
    int ranges = bits(16);
    int used = 0;
    for (int i = 0; i < 16; i++) {
      if ((ranges & 0x8000 >>> i) != 0) {
        int present = bits(16);
        for (int k = 0; k < 16; k++) {
          if ((present & 0x8000 >>> k) != 0) {
            symbols[used++] = (byte) (16 * i + k);
          }
        }
      }
    }
    return used;
  }

  private byte[] readSelectors(int groups, int count) throws IOException {
    byte[] order = {0, 1, 2, 3, 4, 5};
    byte[] selectors = new byte[count];
    for (int i = 0; i < count; i++) {
      int j = 0;
      while (bits(1) == 1) {
        if (++j >= groups) {
          throw damaged("bad selector");
        }
      }
      byte moved = order[j];
      System.arraycopy(order, 0, order, 1, j);
      order[0] = moved;
      selectors[i] = moved;
    }
    return selectors;
  }

  /** A canonical Huffman code: for each length the largest code, and where its symbols start. */
  private record Codes(int[] limit, int[] base, int[] symbols, int shortest) {}

  private Codes readCodes(int alphabet) throws IOException {
    int[] lengths = new int[alphabet];
    int[] perLength = new int[MAX_CODE_LENGTH + 2];
    int length = bits(5);
    int shortest = MAX_CODE_LENGTH;
    for (int i = 0; i < alphabet; i++) {
      while (true) {
        if (length < 1 || length > MAX_CODE_LENGTH) {
          throw damaged("bad code length");
        }
        if (bits(1) == 0) {
          break;
        }
        length += bits(1) == 0 ? 1 : -1;
      }
      lengths[i] = length;
      perLength[length]++;
      shortest = Math.min(shortest, length);
    }
    int[] sorted = new int[alphabet];
    int[] limit = new int[MAX_CODE_LENGTH + 1];
    int[] base = new int[MAX_CODE_LENGTH + 1];
    int code = 0;
    int index = 0;
    for (int l = shortest; l <= MAX_CODE_LENGTH; l++) {
      base[l] = index - code;
      for (int s = 0; s < alphabet; s++) {
        if (lengths[s] == l) {
          sorted[index++] = s;
        }
      }
      code += perLength[l];
      limit[l] = code - 1;
      if (code > 1 << l) {
        throw damaged("code lengths that make no code");
      }
      code <<= 1;
    }
    return new Codes(limit, base, sorted, shortest);
  }

  private int symbol(Codes codes) throws IOException {
    int length = codes.shortest();
    int code = bits(length);
    while (code > codes.limit()[length]) {
      if (++length > MAX_CODE_LENGTH) {
        throw damaged("bad code");
      }
      code = code << 1 | bits(1);
    }
    int index = code + codes.base()[length];
    if (index < 0 || index >= codes.symbols().length) {
      throw damaged("bad code");
    }
    return codes.symbols()[index];
  }

  /** Undoes Huffman, second run-length and move-to-front coding; returns the block's length. */
  private int moveToFront(byte[] front, int alphabet, byte[] selectors, Codes[] codes, int[] counts)
      throws IOException {
    int end = alphabet - 1;
    int length = 0;
    long run = 0;
    int weight = 1;
    int selector = 0;
    int inGroup = 0;
    Codes table = codes[selectors[0]];
    while (true) {
      if (inGroup == GROUP) {
        if (++selector >= selectors.length) {
          throw damaged("too few selectors");
        }
        table = codes[selectors[selector]];
        inGroup = 0;
      }
      inGroup++;
      int symbol = symbol(table);
      if (symbol <= 1) {
        run += (long) weight << symbol;
        weight = Math.min(weight << 1, 1 << 21);
        if (run > blockSize) {
          throw damaged("block too long");
        }
        continue;
      }
      if (run > 0) {
        length = appendRun(front[0] & 0xff, (int) run, length, counts);
        run = 0;
        weight = 1;
      }
      if (symbol == end) {
        return length;
      }
      byte moved = front[symbol - 1];
      System.arraycopy(front, 0, front, 1, symbol - 1);
      front[0] = moved;
      length = appendRun(moved & 0xff, 1, length, counts);
    }
  }

  private int appendRun(int octet, int run, int length, int[] counts) throws ArchiveException {
    if (run > blockSize - length) {
      throw damaged("block too long");
    }
    counts[octet] += run;
    for (int i = length; i < length + run; i++) {
      links[i] = octet;
    }
    return length + run;
  }

  /** Undoes the Burrows-Wheeler transform: the upper 24 bits become a chain through the block. */
  private void invert(int[] counts, int length) {
    int sum = 0;
    for (int i = 0; i < 256; i++) {
      int count = counts[i];
      counts[i] = sum;
      sum += count;
    }
    for (int i = 0; i < length; i++) {
      int octet = links[i] & 0xff;
      links[counts[octet]++] |= i << 8;
    }
  }

  private int bits(int count) throws IOException {
    while (bitCount < count) {
      if (inputPosition == inputLimit && !fill()) {
        throw ArchiveException.corrupt("bzip2 data is cut short");
      }
      bitBuffer = bitBuffer << 8 | (input[inputPosition++] & 0xff);
      bitCount += 8;
    }
    bitCount -= count;
    return bitBuffer >>> bitCount & (1 << count) - 1;
  }

  private boolean fill() throws IOException {
    inputPosition = 0;
    inputLimit = Math.max(in.read(input, 0, input.length), 0);
    return inputLimit > 0;
  }

  private static ArchiveException damaged(String why) {
    return ArchiveException.corrupt("bzip2 data is damaged: " + why);
  }

  private static int[] crcTable() {
    int[] table = new int[256];
    for (int i = 0; i < 256; i++) {
      int crc = i << 24;
      for (int k = 0; k < 8; k++) {
        crc = crc < 0 ? crc << 1 ^ 0x04c11db7 : crc << 1;
      }
      table[i] = crc;
    }
    return table;
  }
}
