package rkt.image.registry;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/**
 * A blob of known size, resumed when its connection breaks.
 *
 * <p>Reads promise exactly {@code size} bytes. Any declared length, range or body that disagrees
 * fails the stream before its end is reported, so a reader that saw the end has seen everything.
 */
final class BlobStream extends InputStream {
  private final RegistryCaller caller;
  private final String attempted;
  private final String path;
  private final long size;
  private final BlobPuller.ByteCount counted;
  private Reply reply;
  private long position;
  private int breaks;
  private @Nullable IOException failure;

  private BlobStream(
      RegistryCaller caller,
      String attempted,
      String path,
      long size,
      BlobPuller.ByteCount counted,
      Reply reply) {
    this.caller = caller;
    this.attempted = attempted;
    this.path = path;
    this.size = size;
    this.counted = counted;
    this.reply = reply;
  }

  static BlobStream open(
      RegistryCaller caller, String attempted, String path, long size, BlobPuller.ByteCount counted)
      throws EngineException {
    Reply reply = caller.get(RegistryCaller.Call.stream(attempted, path, 0));
    Optional<Long> declared = reply.contentLength();
    if (reply.status() != 200 || (declared.isPresent() && declared.get() != size)) {
      String why =
          reply.status() != 200
              ? "a part of the blob came though all of it was asked for"
              : "the blob is declared as "
                  + declared.orElse(-1L)
                  + " bytes, its descriptor says "
                  + size;
      reply.close();
      throw EngineException.of(
          ErrorCode.CORRUPT,
          attempted,
          why + " (" + UrlRules.shown(reply.uri()) + ")",
          "the registry or something on the way changed it");
    }
    return new BlobStream(caller, attempted, path, size, counted, reply);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int count = read(one, 0, 1);
    return count < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    try {
      return readOn(bytes, offset, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  private int readOn(byte[] bytes, int offset, int length) throws IOException {
    while (true) {
      try {
        if (position == size) {
          return end();
        }
        int count = reply.body().read(bytes, offset, (int) Math.min(length, size - position));
        if (count < 0) {
          throw new EOFException("the blob ends after " + position + " of " + size + " bytes");
        }
        position += count;
        counted.add(count);
        return count;
      } catch (Contradiction e) {
        throw e;
      } catch (IOException e) {
        resume(e);
      }
    }
  }

  /**
   * What to report when a reader of this stream failed: the stream's own failure if there was one,
   * since the reader only knows that its input broke off.
   */
  EngineException headline(EngineException readers) {
    IOException own = failure;
    if (own == null) {
      return readers;
    }
    IOException shown = own;
    if (!(own instanceof Contradiction) && position < size) {
      // Java's own words for a cut connection are "closed" or nothing.
      shown =
          new IOException(
              "the connection broke after "
                  + position
                  + " of "
                  + size
                  + " bytes ("
                  + Failures.reason(own)
                  + ")",
              own);
    }
    EngineException reported = Failures.transport(attempted, UrlRules.shown(reply.uri()), shown);
    reported.addSuppressed(readers);
    return reported;
  }

  private int end() throws IOException {
    if (reply.contentLength().isEmpty() && reply.body().read() >= 0) {
      throw new Contradiction("the blob is longer than the " + size + " bytes its descriptor says");
    }
    return -1;
  }

  /**
   * Asks for the rest. The number of breaks is bounded per blob, so that a server cannot feed us
   * byte by byte.
   */
  private void resume(IOException broken) throws IOException {
    reply.close();
    if (Thread.currentThread().isInterrupted()
        || position == size
        || ++breaks >= caller.limits().attempts()) {
      throw broken;
    }
    try {
      RegistryCaller.pause(attempted, caller.limits().backOff().toMillis() << (breaks - 1));
      reply = caller.get(RegistryCaller.Call.stream(attempted, path, position));
    } catch (EngineException e) {
      broken.addSuppressed(e);
      throw broken;
    }
    if (reply.status() == 206) {
      String expected = "bytes " + position + "-";
      if (position > 0 && reply.header("content-range").orElse("").startsWith(expected)) {
        return;
      }
      reply.close();
      throw new Contradiction(
          "the registry resumes at another place than asked: "
              + Failures.plain(reply.header("content-range").orElse("no Content-Range")));
    }
    // No ranges here: read again what we have. The digest of the whole is checked in any case.
    reply.body().skipNBytes(position);
  }

  @Override
  public void close() {
    reply.close();
  }

  /** The registry contradicts itself; resuming would not help. */
  private static final class Contradiction extends IOException {
    private static final long serialVersionUID = 1L;

    Contradiction(String message) {
      super(message);
    }
  }
}
