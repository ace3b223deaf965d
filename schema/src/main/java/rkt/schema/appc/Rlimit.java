package rkt.schema.appc;

import java.util.List;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/**
 * One limit of setrlimit(2).
 *
 * @param soft what counts, until the process raises it; {@link #UNLIMITED} for none
 * @param hard how far the process may raise it
 */
public record Rlimit(long soft, long hard) {
  public static final long UNLIMITED = -1;

  private static final String WORD = "unlimited";

  /** What can be limited; getrlimit(2). */
  public static final List<String> NAMES =
      List.of(
          "as",
          "core",
          "cpu",
          "data",
          "fsize",
          "locks",
          "memlock",
          "msgqueue",
          "nice",
          "nofile",
          "nproc",
          "rss",
          "rtprio",
          "rttime",
          "sigpending",
          "stack");

  public Rlimit {
    if (soft < UNLIMITED || hard < UNLIMITED) {
      throw new SchemaException("a resource limit must not be negative");
    }
    if (exceeds(soft, hard)) {
      throw new SchemaException(
          "the soft limit " + text(soft) + " exceeds the hard limit " + text(hard));
    }
  }

  /** Whether a limit allows more than another. */
  public static boolean exceeds(long limit, long other) {
    return other != UNLIMITED && (limit == UNLIMITED || limit > other);
  }

  /** Reads a number or {@code unlimited}. */
  public static long value(String text) {
    if (text.equals(WORD) || text.equals("-1")) {
      return UNLIMITED;
    }
    if (!Texts.isDigits(text) || text.length() > 18) {
      throw new SchemaException(
          "bad resource limit " + Texts.quote(text) + " (expected a number or unlimited)");
    }
    return Long.parseLong(text);
  }

  /** A limit as documents and messages show it. */
  public static String text(long limit) {
    return limit == UNLIMITED ? WORD : Long.toString(limit);
  }
}
