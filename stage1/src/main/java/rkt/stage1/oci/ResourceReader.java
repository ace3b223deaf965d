package rkt.stage1.oci;

import java.util.List;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.IsolatorValue;
import rkt.schema.appc.Quantity;

/**
 * Collects the isolators that limit a cgroup; of several with the same name the last one counts.
 */
final class ResourceReader {
  /** A tenth of a second's quota below one millisecond is refused by the kernel. */
  private static final long LOWEST_CPU_MILLIS = 10;

  /** A million CPUs: the kernel has a maximum too, somewhere beyond. */
  private static final long HIGHEST_CPU_MILLIS = 1_000_000_000;

  private final String whose;
  private final CgroupTree cgroups;
  private final List<String> warnings;

  private Optional<Long> memory = Optional.empty();
  private Optional<Long> cpu = Optional.empty();
  private Optional<Integer> shares = Optional.empty();
  private Optional<Long> pids = Optional.empty();
  private Optional<Long> blockBytes = Optional.empty();
  private Optional<Long> blockOperations = Optional.empty();

  /**
   * @param whose {@code app "NAME"} or {@code the pod}, for messages
   * @param warnings receives a line for each one that will not be enforced
   */
  ResourceReader(String whose, CgroupTree cgroups, List<String> warnings) {
    this.whose = whose;
    this.cgroups = cgroups;
    this.warnings = warnings;
  }

  /** Takes an isolator; false when it is none of these. */
  boolean add(IsolatorValue value) throws EngineException {
    if (value instanceof IsolatorValue.ResourceMemory limit) {
      if (limit.limit().isPresent() && available("memory", value)) {
        memory = Optional.of(limit.limit().get().ceilValue());
      }
    } else if (value instanceof IsolatorValue.ResourceCpu limit) {
      if (limit.limit().isPresent() && available("cpu", value)) {
        cpu = Optional.of(millis(limit.limit().get()));
      }
    } else if (value instanceof IsolatorValue.CpuShares weight) {
      if (available("cpu", value)) {
        shares = Optional.of(weight.shares());
      }
    } else if (value instanceof IsolatorValue.ResourcePids limit) {
      if (limit.limit().isPresent() && available("pids", value)) {
        pids = Optional.of(limit.limit().get().ceilValue());
      }
    } else if (value instanceof IsolatorValue.BlockBandwidth limit) {
      if (limit.limit().isPresent() && available(cgroups.blockController(), value)) {
        blockBytes = Optional.of(rate(value, limit.limit().get()));
      }
    } else if (value instanceof IsolatorValue.BlockIops limit) {
      if (limit.limit().isPresent() && available(cgroups.blockController(), value)) {
        blockOperations = Optional.of(rate(value, limit.limit().get()));
      }
    } else if (value instanceof IsolatorValue.NetworkBandwidth) {
      warnings.add(
          "warning: isolator "
              + value.isolatorName()
              + " of "
              + whose
              + " is not enforced: it needs a network of the pod's own, which this version does not"
              + " shape");
    } else {
      return false;
    }
    return true;
  }

  private boolean available(String controller, IsolatorValue value) {
    if (cgroups.controller(controller).isPresent()) {
      return true;
    }
    // The ancestor's words.
    warnings.add(
        "warning: "
            + value.isolatorName()
            + " isolator set but support disabled in the kernel, skipping");
    return false;
  }

  private long millis(Quantity quantity) throws EngineException {
    long millis = quantity.milliValue();
    if (millis > HIGHEST_CPU_MILLIS) {
      throw invalid("cpu limit exceeds the maximum millivalue: " + quantity.text(), "");
    }
    if (millis < LOWEST_CPU_MILLIS) {
      throw invalid(
          "cpu limit of " + quantity.text() + " too low",
          "the kernel's minimum is " + LOWEST_CPU_MILLIS + "m");
    }
    return millis;
  }

  private long rate(IsolatorValue value, Quantity quantity) throws EngineException {
    long rate = quantity.ceilValue();
    if (rate < 1) {
      throw invalid(
          value.isolatorName() + " limit must be at least 1 per second, got " + quantity.text(),
          "");
    }
    return rate;
  }

  private EngineException invalid(String why, String remedy) {
    return EngineException.of(
        ErrorCode.INVALID, "cannot apply the isolators of " + whose, why, remedy);
  }

  Resources result() {
    return new Resources(memory, cpu, shares, pids, blockBytes, blockOperations);
  }
}
