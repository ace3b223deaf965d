package rkt.image;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** The set of security features the user switched off with {@code --insecure-options}. */
public record InsecureOptions(int bits) {
  public static final InsecureOptions NONE = new InsecureOptions(0);

  public static InsecureOptions of(InsecureOption... options) {
    int bits = 0;
    for (InsecureOption option : options) {
      bits |= option.mask();
    }
    return new InsecureOptions(bits);
  }

  /**
   * Reads a comma-separated list; the empty list means none.
   *
   * @throws EngineException USAGE {@code unknown option "x"} or {@code duplicated option "x"}
   */
  public static InsecureOptions parse(String list) throws EngineException {
    if (list.isEmpty()) {
      return NONE;
    }
    int bits = 0;
    Set<InsecureOption> seen = EnumSet.noneOf(InsecureOption.class);
    int from = 0;
    while (from <= list.length()) {
      int comma = list.indexOf(',', from);
      int to = comma < 0 ? list.length() : comma;
      String word = list.substring(from, to).toLowerCase(Locale.ROOT);
      InsecureOption option = find(word);
      if (!seen.add(option)) {
        throw refusal("duplicated option \"" + word + "\"");
      }
      bits |= option.mask();
      from = to + 1;
    }
    return new InsecureOptions(bits);
  }

  private static InsecureOption find(String word) throws EngineException {
    for (InsecureOption option : InsecureOption.values()) {
      if (option.word().equals(word)) {
        return option;
      }
    }
    throw refusal("unknown option \"" + word + "\"");
  }

  private static EngineException refusal(String why) {
    StringBuilder known = new StringBuilder("one or more of ");
    for (InsecureOption option : InsecureOption.values()) {
      known.append(option == InsecureOption.NONE ? "" : ",").append(option.word());
    }
    return EngineException.of(ErrorCode.USAGE, "parse --insecure-options", why, known.toString());
  }

  /** True when every bit of {@code option} is set; NONE is contained only in the empty set. */
  public boolean has(InsecureOption option) {
    return option == InsecureOption.NONE ? bits == 0 : (bits & option.mask()) == option.mask();
  }

  /** These but for one. */
  public InsecureOptions without(InsecureOption option) {
    return new InsecureOptions(bits & ~option.mask());
  }

  /**
   * Every option whose whole mask is set except {@code none} and {@code all}, comma joined; {@code
   * none} when empty.
   */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (InsecureOption option : InsecureOption.values()) {
      if (option != InsecureOption.NONE && option != InsecureOption.ALL && has(option)) {
        out.append(out.isEmpty() ? "" : ",").append(option.word());
      }
    }
    return out.isEmpty() ? "none" : out.toString();
  }
}
