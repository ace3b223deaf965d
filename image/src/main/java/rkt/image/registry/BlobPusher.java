package rkt.image.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.image.Diagnostics;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Descriptor;
import rkt.store.unpack.ArchiveException;

/**
 * Pushes one blob at a time: {@code HEAD} asks whether it is there, {@code POST} mounts it from
 * another repository or opens an upload, {@code PATCH} sends it, {@code PUT} closes the upload. An
 * upload that breaks goes on where the registry says it has come to.
 *
 * <p>For any number of threads.
 */
final class BlobPusher {
  private static final String BYTES = "application/octet-stream";

  private final RegistryCaller caller;
  private final Diagnostics diagnostics;
  private final Optional<String> mountFrom;

  /**
   * @param mountFrom a repository of the same registry that has the blobs
   */
  BlobPusher(RegistryCaller caller, Diagnostics diagnostics, Optional<String> mountFrom) {
    this.caller = caller;
    this.diagnostics = diagnostics;
    this.mountFrom = mountFrom;
  }

  /**
   * Pushes.
   *
   * @return {@code exists}, {@code mounted} or {@code done}
   */
  String push(
      String attempted, Descriptor blob, Transport.Content content, BlobPuller.ByteCount counted)
      throws EngineException {
    if (exists(attempted, blob)) {
      counted.add(blob.size());
      return "exists";
    }
    Optional<String> upload = mountFrom.isPresent() ? mount(attempted, blob) : Optional.empty();
    if (upload.isPresent() && upload.get().isEmpty()) {
      counted.add(blob.size());
      return "mounted";
    }
    Counted sent = new Counted(content, counted);
    int attempts = caller.limits().attempts();
    for (int attempt = 1; ; attempt++) {
      try {
        upload(attempted, blob, sent, upload.isPresent() ? upload.get() : begin(attempted));
        return "done";
      } catch (EngineException e) {
        sent.checkReadable(attempted, e);
        if (attempt == attempts || e.code() != ErrorCode.NETWORK) {
          throw e;
        }
        diagnostics.debug(e.getMessage() + "; uploading it again");
        upload = Optional.empty();
        Retries.pause(attempted, caller.limits().backOff().toMillis() << (attempt - 1));
      }
    }
  }

  private boolean exists(String attempted, Descriptor blob) throws EngineException {
    RegistryCall call =
        RegistryCall.push(
            attempted, "HEAD", caller.path("/blobs/" + blob.digest()), caller.limits(), 200, 404);
    try (Reply reply = caller.send(call)) {
      return reply.status() == 200;
    }
  }

  /**
   * @return empty text when the blob is there now, else where to upload it; nothing when the
   *     registry or its token service does not let us
   */
  private Optional<String> mount(String attempted, Descriptor blob) throws EngineException {
    String from = mountFrom.orElse("");
    String query = "?mount=" + blob.digest() + "&from=" + from;
    RegistryCall call =
        RegistryCall.push(
                attempted,
                "POST",
                caller.path("/blobs/uploads/" + query),
                caller.limits(),
                201,
                202)
            .scope(Scope.mount(from));
    try (Reply reply = caller.send(call)) {
      return reply.status() == 201 ? Optional.of("") : Optional.of(location(attempted, reply));
    } catch (EngineException e) {
      if (e.code() == ErrorCode.PERMISSION || e.code() == ErrorCode.NOT_FOUND) {
        diagnostics.debug("cannot mount " + blob.digest() + " from " + from + ": " + e.why());
        return Optional.empty();
      }
      throw e;
    }
  }

  private String begin(String attempted) throws EngineException {
    RegistryCall call =
        RegistryCall.push(attempted, "POST", caller.path("/blobs/uploads/"), caller.limits(), 202);
    try (Reply reply = caller.send(call)) {
      return location(attempted, reply);
    }
  }

  private void upload(String attempted, Descriptor blob, Counted content, String first)
      throws EngineException {
    String place = first;
    long from = 0;
    for (int attempt = 1; from < blob.size(); attempt++) {
      try (Reply reply = caller.send(patch(attempted, place, content, from))) {
        place = location(attempted, reply);
        from = blob.size();
      } catch (EngineException e) {
        content.checkReadable(attempted, e);
        if (attempt >= caller.limits().attempts() || e.code() != ErrorCode.NETWORK) {
          throw e;
        }
        diagnostics.debug(e.getMessage() + "; asking how far the upload came");
        Retries.pause(attempted, caller.limits().backOff().toMillis() << (attempt - 1));
        try (Reply status = caller.send(status(attempted, place))) {
          place = status.header("location").isPresent() ? location(attempted, status) : place;
          from = Math.min(received(status), blob.size());
        }
      }
    }
    RegistryCall close =
        RegistryCall.push(attempted, "PUT", withDigest(place, blob), caller.limits(), 201, 204);
    caller.send(close).close();
  }

  private RegistryCall patch(String attempted, String place, Counted content, long from) {
    RegistryCall call =
        RegistryCall.push(attempted, "PATCH", place, caller.limits(), 202)
            .content(BYTES, content.from(from))
            .onlyOnce();
    return from == 0 ? call : call.header("Content-Range", from + "-" + (content.length() - 1));
  }

  private RegistryCall status(String attempted, String place) {
    return RegistryCall.push(attempted, "GET", place, caller.limits(), 202, 204);
  }

  /** {@code Range: 0-N} says that N + 1 bytes are there; without one nothing is. */
  private static long received(Reply status) {
    String range = status.header("range").orElse("");
    String text = range.startsWith("bytes=") ? range.substring("bytes=".length()) : range;
    long last = text.startsWith("0-") ? Reply.number(text.substring(2)).orElse(-1L) : -1;
    // "0-0" is also what an upload of which nothing has arrived is said to have.
    return last <= 0 ? 0 : last + 1;
  }

  private static String withDigest(String place, Descriptor blob) {
    return place + (place.indexOf('?') < 0 ? '?' : '&') + "digest=" + blob.digest();
  }

  private static String location(String attempted, Reply reply) throws EngineException {
    String place = reply.header("location").orElse("");
    if (place.isEmpty()) {
      throw EngineException.of(
          ErrorCode.NETWORK,
          attempted,
          UrlRules.shown(reply.uri()) + " opens an upload without saying where");
    }
    return place;
  }

  /** A body whose bytes are counted once, however often they are sent. */
  private static final class Counted implements Transport.Content {
    private final Transport.Content content;
    private final BlobPuller.ByteCount counted;
    private long shown;
    private volatile @Nullable IOException unreadable;

    Counted(Transport.Content content, BlobPuller.ByteCount counted) {
      this.content = content;
      this.counted = counted;
    }

    @Override
    public long length() {
      return content.length();
    }

    @Override
    public InputStream open() throws IOException {
      return open(0);
    }

    /** What is wrong with our own bytes is not the registry's fault, and stays as it is. */
    void checkReadable(String attempted, EngineException failure) throws EngineException {
      IOException own = unreadable;
      if (own != null) {
        // What the transport made of it is no cause: it would be shown instead.
        EngineException ours =
            new EngineException(
                own instanceof ArchiveException ? ErrorCode.CORRUPT : ErrorCode.SYSTEM,
                attempted,
                "the stored image cannot be read: " + own.getMessage(),
                "",
                own);
        ours.addSuppressed(failure);
        throw ours;
      }
    }

    private IOException unreadable(IOException e) {
      unreadable = e;
      return e;
    }

    private InputStream open(long from) throws IOException {
      InputStream in;
      try {
        in = content.open();
        in.skipNBytes(from);
      } catch (IOException e) {
        throw unreadable(e);
      }
      return new FilterInputStream(in) {
        private long position = from;

        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
          try {
            int count = in.read(b, off, len);
            position += Math.max(count, 0);
            // The digest is checked at the end, which has to be read before the last bytes go.
            if (position >= content.length() && in.read() >= 0) {
              throw new IOException("it is longer than the " + content.length() + " bytes it had");
            }
            if (count < 0 && position < content.length()) {
              throw new IOException("it ends after " + position + " bytes");
            }
            advanceTo(position);
            return count;
          } catch (IOException e) {
            throw unreadable(e);
          }
        }
      };
    }

    private synchronized void advanceTo(long position) {
      if (position > shown) {
        counted.add(position - shown);
        shown = position;
      }
    }

    Transport.Content from(long from) {
      if (from == 0) {
        return this;
      }
      return new Transport.Content() {
        @Override
        public long length() {
          return content.length() - from;
        }

        @Override
        public InputStream open() throws IOException {
          return Counted.this.open(from);
        }
      };
    }
  }
}
