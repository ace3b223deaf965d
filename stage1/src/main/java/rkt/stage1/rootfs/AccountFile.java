package rkt.stage1.rootfs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Lines of an image's passwd or group file. Malformed lines are skipped, as C libraries do. */
final class AccountFile {
  /** The first entry of a name: its fields, at least four of them. */
  static Optional<List<String>> find(byte[] content, String name) {
    return search(content, 0, name);
  }

  /** The first entry whose third field, the number, is this. */
  static Optional<List<String>> findNumber(byte[] content, long number) {
    return search(content, 2, Long.toString(number));
  }

  private static Optional<List<String>> search(byte[] content, int field, String value) {
    String text = new String(content, StandardCharsets.UTF_8);
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf('\n', start);
      if (end < 0) {
        end = text.length();
      }
      List<String> fields = fields(text, start, end);
      if (fields.size() >= 4 && fields.get(field).equals(value)) {
        return Optional.of(fields);
      }
      start = end + 1;
    }
    return Optional.empty();
  }

  private static List<String> fields(String text, int start, int end) {
    List<String> fields = new ArrayList<>(7);
    int from = start;
    for (int i = start; i <= end; i++) {
      if (i == end || text.charAt(i) == ':') {
        fields.add(text.substring(from, i));
        from = i + 1;
      }
    }
    return fields;
  }

  private AccountFile() {}
}
