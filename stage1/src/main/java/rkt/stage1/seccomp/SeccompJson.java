package rkt.stage1.seccomp;

import java.util.List;
import java.util.Optional;
import rkt.schema.json.JsonWriter;
import rkt.stage1.seccomp.SeccompFilter.Action;
import rkt.stage1.seccomp.SeccompFilter.Comparison;
import rkt.stage1.seccomp.SeccompFilter.Condition;
import rkt.stage1.seccomp.SeccompFilter.Rule;

/** A filter as the {@code linux.seccomp} section of an OCI configuration. */
public final class SeccompJson {
  private SeccompJson() {}

  /**
   * Writes the section's value.
   *
   * @param arch the machine; when empty, the filter is for its native ABI only
   */
  public static void write(JsonWriter json, SeccompFilter filter, Optional<Arch> arch) {
    List<Arch.Abi> abis = arch.isPresent() ? arch.get().abis() : List.of();
    json.beginObject().name("defaultAction").value(name(filter.fallback()));
    if (filter.fallback() instanceof Action.Fail fail) {
      json.name("defaultErrnoRet").value(fail.errno());
    }
    json.name("architectures").beginArray();
    for (Arch.Abi abi : abis) {
      json.value(abi.oci());
    }
    json.endArray().name("syscalls").beginArray();
    for (Rule rule : filter.rules()) {
      if (!rule.names().isEmpty()) {
        write(json, rule);
      }
    }
    json.endArray().endObject();
  }

  private static void write(JsonWriter json, Rule rule) {
    json.beginObject().name("names").strings(rule.names());
    json.name("action").value(name(rule.action()));
    if (rule.action() instanceof Action.Fail fail) {
      json.name("errnoRet").value(fail.errno());
    }
    if (!rule.conditions().isEmpty()) {
      json.name("args").beginArray();
      for (Condition condition : rule.conditions()) {
        boolean masked = condition.comparison() == Comparison.MASKED;
        json.beginObject().name("index").value(condition.index());
        // For a masked comparison the mask comes first and the datum second.
        json.name("value").value(masked ? condition.mask() : condition.value());
        if (masked) {
          json.name("valueTwo").value(condition.value());
        }
        json.name("op").value(condition.comparison().oci).endObject();
      }
      json.endArray();
    }
    json.endObject();
  }

  private static String name(Action action) {
    return switch (action) {
      case Action.Allow() -> "SCMP_ACT_ALLOW";
      case Action.Kill() -> "SCMP_ACT_KILL_PROCESS";
      case Action.Fail(int errno) -> "SCMP_ACT_ERRNO";
    };
  }
}
