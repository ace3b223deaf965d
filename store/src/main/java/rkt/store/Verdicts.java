package rkt.store;

import java.util.ArrayList;
import java.util.List;
import rkt.schema.trust.Verdict;

/** What is known of an image that was judged more than once: one verdict for each subject. */
final class Verdicts {
  /** An image has a handful of names; a record must stay small. */
  static final int MAX = 32;

  private Verdicts() {}

  /**
   * The last word is the first. It replaces an earlier one of the same subject, unless nothing was
   * checked this time: what was once found out is still true of these bytes.
   */
  static List<Verdict> merge(Verdict fresh, List<Verdict> earlier) {
    Verdict first = fresh;
    List<Verdict> others = new ArrayList<>();
    for (Verdict each : earlier) {
      if (!each.subject().equals(fresh.subject())) {
        // Of no subject: from before there were verdicts. This one knows better.
        if (!each.subject().isEmpty()) {
          others.add(each);
        }
      } else if (fresh.kind() == Verdict.Kind.UNCHECKED) {
        first = each;
      }
    }
    List<Verdict> out = new ArrayList<>();
    out.add(first);
    out.addAll(others.subList(0, Math.min(others.size(), MAX - 1)));
    return out;
  }
}
