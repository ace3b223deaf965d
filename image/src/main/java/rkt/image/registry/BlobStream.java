package rkt.image.registry;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.image.Diagnostics;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Descriptor;

/**
 * A blob of known size, resumed when its connection breaks.
 *
 * <p>Reads promise exactly {@code size} bytes. Any declared length, range or body that disagrees
 * fails the stream before its end is reported, so a reader that saw the end has seen everything.
 */
final class BlobStream extends InputStream {
  /** A connection that brought this much before it broke does not count as a failed attempt. */
  private static final long PROGRESS = 1 << 20;

  private final List<RegistryCaller> callers;
  private final Diagnostics diagnostics;
  private final String attempted;
  private final Descriptor blob;
  private final long size;
  private final BlobPuller.ByteCount counted;
  private int at;
  private Reply reply;
  private long position;
  private int breaks;
  private long brokenAt;
  private @Nullable IOException failure;

  private BlobStream(
      List<RegistryCaller> callers,
      Diagnostics diagnostics,
      String attempted,
      Descriptor blob,
      long from,
      BlobPuller.ByteCount counted)
      throws EngineException {
    this.callers = callers;
    this.diagnostics = diagnostics;
    this.attempted = attempted;
    this.blob = blob;
    this.size = blob.size();
    this.position = from;
    this.brokenAt = from;
    this.counted = counted;
    this.reply = first();
  }

  static BlobStream open(
      List<RegistryCaller> callers,
      Diagnostics diagnostics,
      String attempted,
      Descriptor blob,
      long from,
      BlobPuller.ByteCount counted)
      throws EngineException {
    return new BlobStream(callers, diagnostics, attempted, blob, from, counted);
  }

  private Reply first() throws EngineException {
    while (true) {
      try {
        return answer();
      } catch (EngineException e) {
        if (!another(e.getMessage())) {
          throw e;
        }
      }
    }
  }

  /** The rest of the blob at the present place, standing at the present position. */
  private Reply answer() throws EngineException {
    RegistryCaller caller = callers.get(at);
    Reply opened =
        caller.send(
            RegistryCall.stream(attempted, caller.path("/blobs/" + blob.digest()), position));
    try {
      if (opened.status() == 206) {
        checkRange(opened);
      } else {
        Optional<Long> declared = opened.contentLength();
        if (declared.isPresent() && declared.get() != size) {
          throw new Contradiction(
              "the blob is declared as " + declared.get() + " bytes, its descriptor says " + size);
        }
        // No ranges here: read again what we have. The digest of the whole is checked anyway.
        opened.body().skipNBytes(position);
      }
      return opened;
    } catch (IOException e) {
      opened.close();
      String shown = UrlRules.shown(opened.uri());
      if (e instanceof Contradiction) {
        throw new EngineException(
            ErrorCode.CORRUPT,
            attempted,
            e.getMessage() + " (" + shown + ")",
            "the registry or something on the way changed it",
            e);
      }
      throw Failures.transport(attempted, shown, e);
    }
  }

  private void checkRange(Reply opened) throws Contradiction {
    if (position == 0) {
      throw new Contradiction("a part of the blob came though all of it was asked for");
    }
    String range = opened.header("content-range").orElse("");
    if (!range.startsWith("bytes " + position + "-")) {
      throw new Contradiction(
          "the registry resumes at another place than asked: "
              + (range.isEmpty() ? "no Content-Range" : Failures.plain(range)));
    }
    Optional<Long> declared = opened.contentLength();
    if (declared.isPresent() && declared.get() != size - position) {
      throw new Contradiction(
          "the rest of the blob is declared as "
              + declared.get()
              + " bytes, "
              + (size - position)
              + " are missing");
    }
  }

  /** Goes on at the next place, if there is one. */
  private boolean another(@Nullable String why) {
    if (at + 1 >= callers.size() || Thread.currentThread().isInterrupted()) {
      return false;
    }
    String from = callers.get(at).host();
    at++;
    breaks = 0;
    diagnostics.debug(
        "blob "
            + blob.digest()
            + ": "
            + why
            + "; going on from "
            + callers.get(at).host()
            + " instead of "
            + from);
    return true;
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
        reply.close();
        if (position == size || !another(e.getMessage())) {
          throw e;
        }
        reopen(e);
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
   * Asks for the rest. The number of breaks that brought next to nothing is bounded per place, so
   * that a server cannot feed us byte by byte.
   */
  private void resume(IOException broken) throws IOException {
    reply.close();
    RegistryLimits limits = callers.get(at).limits();
    breaks = position - brokenAt >= PROGRESS ? 1 : breaks + 1;
    brokenAt = position;
    boolean over = breaks >= limits.attempts();
    if (Thread.currentThread().isInterrupted()
        || position == size
        || (over && !another(Failures.reason(broken)))) {
      throw broken;
    }
    if (!over) {
      try {
        Retries.pause(attempted, limits.backOff().toMillis() << (breaks - 1));
      } catch (EngineException e) {
        broken.addSuppressed(e);
        throw broken;
      }
    }
    reopen(broken);
  }

  private void reopen(IOException broken) throws IOException {
    while (true) {
      try {
        reply = answer();
        return;
      } catch (EngineException e) {
        if (!another(e.getMessage())) {
          if (e.getCause() instanceof Contradiction contradiction) {
            throw contradiction;
          }
          broken.addSuppressed(e);
          throw broken;
        }
      }
    }
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
