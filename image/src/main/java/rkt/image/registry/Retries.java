package rkt.image.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLException;
import rkt.image.Diagnostics;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/**
 * The attempts at one question to a server: how many there are, what is worth another one, and how
 * long to wait before it. Pauses double, and are stretched by up to half, so that many clients that
 * failed together do not come back together.
 */
public final class Retries {
  private static final int MAX_RETRY_AFTER_SECONDS = 10;

  private final String attempted;
  private final Diagnostics diagnostics;
  private int left;
  private long pauseMillis;

  /**
   * @param attempted for the failure of a caller that is interrupted
   * @param attempts at least one
   */
  public Retries(String attempted, RegistryLimits limits, int attempts, Diagnostics diagnostics) {
    this.attempted = attempted;
    this.diagnostics = diagnostics;
    this.left = attempts;
    this.pauseMillis = limits.backOff().toMillis();
  }

  /** Begins an attempt; tells whether it is the last one. */
  public boolean isLast() {
    left--;
    return left <= 0;
  }

  /** After an answer that is passing: closes it and waits. */
  public void afterAnswer(Reply reply) throws EngineException {
    reply.close();
    diagnostics.debug(
        "bad HTTP status code: "
            + reply.status()
            + " from "
            + UrlRules.shown(reply.uri())
            + ", trying again");
    waitAtLeast(retryAfterMillis(reply));
  }

  /** After no answer, for a reason that is passing: waits. */
  public void afterFailure(String server, IOException e) throws EngineException {
    diagnostics.debug(server + ": " + Failures.reason(e) + ", trying again");
    waitAtLeast(0);
  }

  private void waitAtLeast(long millis) throws EngineException {
    long wait = pauseMillis + ThreadLocalRandom.current().nextLong(pauseMillis / 2 + 1);
    pauseMillis *= 2;
    pause(attempted, Math.max(wait, millis));
  }

  /** Whether a server that answers so may answer otherwise a moment later. */
  public static boolean isPassing(int status) {
    return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
  }

  /**
   * Refused connections, unknown hosts, bad certificates and broken rules stay as they are however
   * often one asks.
   */
  public static boolean isPassing(IOException e) {
    return !(e instanceof ConnectException)
        && !(e instanceof UnknownHostException)
        && !(e instanceof InterruptedIOException && Thread.currentThread().isInterrupted())
        && !(e instanceof SSLException)
        && !(e instanceof UrlRules.Broken)
        && !(e instanceof ProxyFailure)
        && !(e instanceof Reply.BodyTooLarge);
  }

  static long retryAfterMillis(Reply reply) {
    long seconds = reply.header("retry-after").flatMap(Reply::number).orElse(0L);
    return Math.min(seconds, MAX_RETRY_AFTER_SECONDS) * 1000;
  }

  /** Waits; an interrupted caller gives up. */
  public static void pause(String attempted, long millis) throws EngineException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw EngineException.of(ErrorCode.NETWORK, attempted, "interrupted");
    }
  }

  /** Whether a status sends us elsewhere. */
  public static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }
}
