package rkt.image.http;

import java.util.Optional;
import rkt.image.registry.Reply;

/**
 * The header {@code Content-Range: bytes FIRST-LAST/TOTAL}.
 *
 * @param first first byte; negative in the answer 416, which has only a total
 * @param total size of the whole file; negative when the server does not say
 */
record ContentRange(long first, long last, long total) {
  static Optional<ContentRange> parse(String text) {
    String unit = "bytes ";
    int slash = text.indexOf('/');
    if (!text.startsWith(unit) || slash < 0) {
      return Optional.empty();
    }
    String range = text.substring(unit.length(), slash).trim();
    String size = text.substring(slash + 1).trim();
    Optional<Long> total = size.equals("*") ? Optional.of(-1L) : Reply.number(size);
    if (range.equals("*")) {
      return total.map(bytes -> new ContentRange(-1, -1, bytes));
    }
    int dash = range.indexOf('-');
    if (dash < 0 || total.isEmpty()) {
      return Optional.empty();
    }
    Optional<Long> first = Reply.number(range.substring(0, dash));
    Optional<Long> last = Reply.number(range.substring(dash + 1));
    if (first.isEmpty() || last.isEmpty() || last.get() < first.get()) {
      return Optional.empty();
    }
    if (total.get() >= 0 && last.get() >= total.get()) {
      return Optional.empty();
    }
    return Optional.of(new ContentRange(first.get(), last.get(), total.get()));
  }
}
