package rkt.image.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import rkt.image.Transfer;
import rkt.image.registry.Failures;
import rkt.image.registry.Reply;
import rkt.image.registry.Retries;
import rkt.image.registry.UrlRules;
import rkt.os.Errno;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.store.PartialDownload;

/**
 * Brings one file into a partial download of the store, going on where an earlier process or a
 * broken connection stopped.
 *
 * <p>Kept bytes are continued by one ranged GET with {@code If-Range}: a server that knows another
 * version by now, or no ranges, answers with the whole file, and no HEAD is needed. Without
 * something to recognize the version by, kept bytes are worth nothing and are dropped.
 */
public final class FileDownload {
  private static final int BUFFER = 256 << 10;

  /** A connection that brought this much before it broke does not count as a failed attempt. */
  private static final long PROGRESS = 1 << 20;

  private final WebClient web;

  public FileDownload(WebClient web) {
    this.web = web;
  }

  /**
   * Which file.
   *
   * @param attempted what is being done, for messages
   * @param what as the progress display calls it
   * @param plainHttp whether the URL may be an http one
   * @param knownEtag of the version the caller has already; empty when it has none
   * @param maxBytes refuse a larger file
   */
  public record Wanted(
      String attempted, String what, URI uri, boolean plainHttp, String knownEtag, long maxBytes) {}

  /** How it went. */
  public sealed interface Arrival {
    /** The server's entity tag, may be empty. */
    String etag();

    /** Seconds the answer stays good. */
    long maxAgeSeconds();
  }

  /**
   * The whole file is in the partial download.
   *
   * @param resumed whether some of it was kept from an earlier process
   */
  public record Complete(String etag, long maxAgeSeconds, boolean resumed) implements Arrival {}

  /** The version the caller has is the newest. */
  public record Unchanged(String etag, long maxAgeSeconds) implements Arrival {}

  /** Fetches the file. */
  public Arrival fetch(Wanted wanted, PartialDownload partial) throws EngineException {
    try {
      return new Run(wanted, partial).fetch();
    } catch (OsException e) {
      ErrorCode code =
          e.is(Errno.ENOSPC) || e.is(Errno.EDQUOT) ? ErrorCode.NO_SPACE : ErrorCode.SYSTEM;
      throw new EngineException(code, wanted.attempted(), String.valueOf(e.getMessage()), "", e);
    } catch (IOException e) {
      throw WebClient.failure(wanted.attempted(), wanted.uri(), e);
    }
  }

  /** One file on its way. */
  private final class Run {
    private final Wanted wanted;
    private final PartialDownload partial;
    private final boolean kept;
    private boolean restarted;
    private int breaks;
    private String ended = "";

    Run(Wanted wanted, PartialDownload partial) throws IOException {
      this.wanted = wanted;
      this.partial = partial;
      this.kept = partial.size() > 0;
    }

    Arrival fetch() throws EngineException, IOException {
      while (true) {
        long have = partial.size();
        Validators validators = Validators.parse(partial.note());
        if (have > 0 && Validators.isUnprotected(partial.note()) && !isUnprotected()) {
          web.diagnostics()
              .debug("cannot use cached partial download, it came without protection.");
          partial.reset();
          have = 0;
        }
        if (have > 0 && validators.ifRange().isEmpty()) {
          web.diagnostics()
              .debug("cannot use cached partial download, nothing tells which version it is of.");
          partial.reset();
          have = 0;
        }
        Optional<Arrival> arrival;
        try (Reply reply = web.get(request(have, validators))) {
          arrival = receive(reply, have, validators);
        }
        if (arrival.isPresent()) {
          return arrival.get();
        }
      }
    }

    private WebRequest request(long have, Validators validators) {
      Map<String, String> headers = new HashMap<>();
      if (!wanted.knownEtag().isEmpty()) {
        headers.put("If-None-Match", wanted.knownEtag());
      }
      if (have > 0) {
        headers.put("Range", "bytes=" + have + "-");
        headers.put("If-Range", validators.ifRange());
      }
      return new WebRequest(
          wanted.attempted(), wanted.uri(), wanted.plainHttp(), headers, Duration.ZERO);
    }

    /** Empty when the question has to be asked again. */
    private Optional<Arrival> receive(Reply reply, long have, Validators validators)
        throws EngineException, IOException {
      return switch (reply.status()) {
        case 200 -> {
          long start = startOver(reply, have, validators);
          yield copy(reply, start, reply.contentLength().orElse(-1L));
        }
        case 206 -> partly(reply, have, validators);
        case 304 -> Optional.of(unchanged(reply));
        case 416 -> unsatisfiable(reply, have);
        default -> throw WebClient.status(wanted.attempted(), wanted.uri(), reply);
      };
    }

    private Arrival unchanged(Reply reply) throws EngineException {
      if (wanted.knownEtag().isEmpty()) {
        throw contradiction("304 (not modified) though we have no version of it");
      }
      String etag = Validators.of(reply).etag();
      return new Unchanged(etag.isEmpty() ? wanted.knownEtag() : etag, maxAge(reply));
    }

    /** The whole file comes; what is kept of it, if anything, is of no use. */
    private long startOver(Reply reply, long have, Validators validators) throws IOException {
      if (have > 0) {
        boolean same = Validators.of(reply).ifRange().equals(validators.ifRange());
        web.diagnostics()
            .warn(
                "cannot use cached partial download, "
                    + (same ? "range request unsupported." : "resource updated."));
      }
      partial.reset();
      partial.note(Validators.of(reply).toNote(isUnprotected()));
      return 0;
    }

    private Optional<Arrival> partly(Reply reply, long have, Validators validators)
        throws EngineException, IOException {
      String text = reply.header("content-range").orElse("");
      Optional<ContentRange> range = ContentRange.parse(text);
      if (have > 0 && range.isPresent() && range.get().first() == have) {
        if (isUnprotected()) {
          partial.note(validators.toNote(true));
        }
        web.diagnostics().debug("going on at byte " + have + " of " + UrlRules.shown(wanted.uri()));
        return copy(reply, have, range.get().total());
      }
      if (have == 0 || restarted) {
        throw contradiction(
            "another part than the one asked for"
                + (text.isEmpty() ? "" : " (" + Failures.plain(text) + ")"));
      }
      restarted = true;
      partial.reset();
      return Optional.empty();
    }

    /** Either the kept bytes are the whole file, or they are something else. */
    private Optional<Arrival> unsatisfiable(Reply reply, long have)
        throws EngineException, IOException {
      if (restarted && !ended.isEmpty()) {
        reply.close();
        throw contradiction("no more than " + ended + " bytes that it announced");
      }
      if (have == 0 || restarted) {
        throw WebClient.status(wanted.attempted(), wanted.uri(), reply);
      }
      Optional<ContentRange> range = ContentRange.parse(reply.header("content-range").orElse(""));
      if (range.isPresent() && range.get().total() == have) {
        return Optional.of(complete(reply));
      }
      restarted = true;
      partial.reset();
      return Optional.empty();
    }

    /** Appends a body; empty when the connection broke and it is worth asking for the rest. */
    private Optional<Arrival> copy(Reply reply, long start, long total)
        throws EngineException, IOException {
      if (total > wanted.maxBytes()) {
        throw tooLarge();
      }
      long position = start;
      try (Transfer transfer = web.diagnostics().transfer(wanted.what(), total)) {
        transfer.advance(start);
        InputStream in = reply.body();
        OutputStream out = partial.append();
        byte[] buffer = new byte[BUFFER];
        while (true) {
          int count = read(in, buffer);
          if (count < 0) {
            break;
          }
          position += count;
          if (position > wanted.maxBytes()) {
            partial.reset();
            throw tooLarge();
          }
          if (total >= 0 && position > total) {
            partial.reset();
            throw contradiction("more than the " + total + " bytes it announced");
          }
          out.write(buffer, 0, count);
          transfer.advance(count);
        }
        if (total >= 0 && position < total) {
          throw new Broken(new EOFException("it ended"));
        }
        transfer.done(kept && start > 0 ? "resumed" : "done");
        return Optional.of(complete(reply));
      } catch (Broken e) {
        ended = total < 0 ? "" : position + " of the " + total;
        goOn(e.reason, position - start, position, total);
        return Optional.empty();
      }
    }

    private int read(InputStream in, byte[] buffer) throws Broken {
      try {
        return in.read(buffer, 0, buffer.length);
      } catch (IOException e) {
        throw new Broken(e);
      }
    }

    /** Pauses before the rest is asked for, or gives up. */
    private void goOn(IOException broken, long progress, long position, long total)
        throws EngineException {
      breaks = progress >= PROGRESS ? 1 : breaks + 1;
      if (breaks >= web.limits().attempts() || Thread.currentThread().isInterrupted()) {
        String of = total < 0 ? "" : " of " + total;
        throw new EngineException(
            ErrorCode.NETWORK,
            wanted.attempted(),
            "failed to download \""
                + UrlRules.shown(wanted.uri())
                + "\": the connection broke after "
                + position
                + of
                + " bytes ("
                + Failures.reason(broken)
                + ")",
            "the next attempt goes on there if the server can",
            broken);
      }
      web.diagnostics()
          .debug(
              UrlRules.shown(wanted.uri())
                  + ": the connection broke after "
                  + position
                  + " bytes, trying again");
      Retries.pause(wanted.attempted(), web.limits().backOff().toMillis() << (breaks - 1));
    }

    private Complete complete(Reply reply) throws IOException {
      String etag = Validators.of(reply).etag();
      String known = etag.isEmpty() ? Validators.parse(partial.note()).etag() : etag;
      return new Complete(known, maxAge(reply), kept);
    }

    private boolean isUnprotected() {
      return web.isUnprotected(wanted.uri());
    }

    private static long maxAge(Reply reply) {
      return CacheControl.maxAge(reply.headerValues("cache-control"));
    }

    private EngineException tooLarge() {
      return EngineException.of(
          ErrorCode.REFUSED,
          wanted.attempted(),
          "\""
              + UrlRules.shown(wanted.uri())
              + "\" is larger than the allowed "
              + wanted.maxBytes()
              + " bytes");
    }

    private EngineException contradiction(String sent) {
      return EngineException.of(
          ErrorCode.NETWORK,
          wanted.attempted(),
          "failed to download \"" + UrlRules.shown(wanted.uri()) + "\": the server sent " + sent,
          "the server or a proxy on the way is broken");
    }
  }

  /** The body broke off; carries the reason through code that also writes files. */
  private static final class Broken extends IOException {
    private static final long serialVersionUID = 1L;
    private final transient IOException reason;

    Broken(IOException reason) {
      super(reason);
      this.reason = reason;
    }
  }
}
