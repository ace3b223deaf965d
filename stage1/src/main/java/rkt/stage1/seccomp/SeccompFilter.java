package rkt.stage1.seccomp;

import java.util.List;

/**
 * What happens to each system call. The rules of one call must exclude each other; a call without a
 * matching rule gets the default.
 *
 * @param fallback what happens to calls no rule matches
 */
public record SeccompFilter(Action fallback, List<Rule> rules) {
  public SeccompFilter {
    rules = List.copyOf(rules);
  }

  /** A verdict. */
  public sealed interface Action {
    /** The call is made. */
    record Allow() implements Action {}

    /** The process dies of SIGSYS. */
    record Kill() implements Action {}

    /** The call fails with this error number. */
    record Fail(int errno) implements Action {}
  }

  /** A verdict on calls whose arguments meet all conditions. */
  public record Rule(List<String> names, Action action, List<Condition> conditions) {
    public Rule {
      names = List.copyOf(names);
      conditions = List.copyOf(conditions);
    }

    Rule(List<String> names, Action action) {
      this(names, action, List.of());
    }
  }

  /** How an argument is compared; all comparisons are of unsigned 64-bit values. */
  public enum Comparison {
    EQUAL("SCMP_CMP_EQ"),
    GREATER("SCMP_CMP_GT"),
    LESS("SCMP_CMP_LT"),
    /** {@code argument & mask == value}. */
    MASKED("SCMP_CMP_MASKED_EQ");

    final String oci;

    Comparison(String oci) {
      this.oci = oci;
    }
  }

  /**
   * A condition on one argument.
   *
   * @param index 0 to 5
   * @param mask for {@link Comparison#MASKED} only, otherwise 0
   * @param value 32 bits, unsigned: no call filtered here tells apart larger values
   */
  public record Condition(int index, Comparison comparison, long mask, long value) {
    public Condition {
      if (value >>> 32 != 0 || mask >>> 32 != 0 || index < 0 || index > 5) {
        throw new IllegalArgumentException("condition out of range");
      }
    }

    static Condition equal(int index, long value) {
      return new Condition(index, Comparison.EQUAL, 0, value);
    }

    static Condition masked(int index, long mask, long value) {
      return new Condition(index, Comparison.MASKED, mask, value);
    }

    static Condition greater(int index, long value) {
      return new Condition(index, Comparison.GREATER, 0, value);
    }

    static Condition less(int index, long value) {
      return new Condition(index, Comparison.LESS, 0, value);
    }
  }
}
