package rkt.schema.appc;

import java.util.List;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/** Rules about the isolators of one app or pod taken together. */
public final class Isolators {
  private Isolators() {}

  /** Checks the isolators of an app: every name known, single ones single, no contradictions. */
  public static void checkApp(List<Isolator> isolators) {
    for (Isolator isolator : isolators) {
      if (isolator.typed() instanceof IsolatorValue.Unknown) {
        throw new SchemaException("invalid isolator: " + Texts.quote(isolator.name()));
      }
    }
    checkSet(isolators);
  }

  /** Checks the isolators of a pod; unknown ones pass, as nothing enforces them. */
  public static void checkSet(List<Isolator> isolators) {
    boolean retain = false;
    boolean remove = false;
    for (int i = 0; i < isolators.size(); i++) {
      String name = isolators.get(i).name();
      if (!mayRepeat(name)) {
        for (int j = 0; j < i; j++) {
          if (isolators.get(j).name().equals(name)) {
            // The ancestor's text, with its stray quote at the end.
            throw new SchemaException(
                "isolators set contains too many instances of type " + name + "\"");
          }
        }
      }
      retain |= name.equals(Isolator.SECCOMP_RETAIN);
      remove |= name.equals(Isolator.SECCOMP_REMOVE);
      if (retain && remove) {
        throw new SchemaException("isolators set contains incompatible types");
      }
    }
  }

  /** The isolator of this name that counts: the last. */
  public static Optional<Isolator> last(List<Isolator> isolators, String name) {
    for (int i = isolators.size() - 1; i >= 0; i--) {
      if (isolators.get(i).name().equals(name)) {
        return Optional.of(isolators.get(i));
      }
    }
    return Optional.empty();
  }

  /** Whether any no-new-privileges isolator is on; repeated ones add up. */
  public static boolean noNewPrivileges(List<Isolator> isolators) {
    for (Isolator isolator : isolators) {
      if (isolator.typed() instanceof IsolatorValue.NoNewPrivileges value && value.on()) {
        return true;
      }
    }
    return false;
  }

  private static boolean mayRepeat(String name) {
    return switch (name) {
      case Isolator.CPU_SHARES,
          Isolator.OOM_SCORE_ADJ,
          Isolator.SECCOMP_RETAIN,
          Isolator.SECCOMP_REMOVE,
          Isolator.APPARMOR_PROFILE,
          Isolator.SELINUX_CONTEXT,
          Isolator.SYSCTL ->
          false;
      default -> true;
    };
  }
}
