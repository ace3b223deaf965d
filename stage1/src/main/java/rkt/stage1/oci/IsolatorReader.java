package rkt.stage1.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.IsolatorValue;
import rkt.schema.appc.Quantity;
import rkt.stage1.seccomp.SeccompRequest;

/** Collects isolators: sets add up, of other values the last one counts. */
final class IsolatorReader {
  private final String app;
  private final CgroupTree cgroups;
  private final List<String> warnings;

  private final List<String> retain = new ArrayList<>();
  private final List<String> remove = new ArrayList<>();
  private Optional<SeccompRequest> seccomp = Optional.empty();
  private boolean noNewPrivileges;
  private Optional<Long> memory = Optional.empty();
  private Optional<Long> cpu = Optional.empty();
  private Optional<Integer> shares = Optional.empty();
  private Optional<Integer> oomScoreAdj = Optional.empty();

  private IsolatorReader(String app, CgroupTree cgroups, List<String> warnings) {
    this.app = app;
    this.cgroups = cgroups;
    this.warnings = warnings;
  }

  /**
   * Reads the isolators of an app.
   *
   * @param warnings receives a line for each one that will not be enforced
   */
  static AppIsolators read(
      String app, List<Isolator> isolators, CgroupTree cgroups, List<String> warnings)
      throws EngineException {
    IsolatorReader reader = new IsolatorReader(app, cgroups, warnings);
    for (Isolator isolator : isolators) {
      reader.add(isolator.typed());
    }
    return reader.result();
  }

  private void add(IsolatorValue value) throws EngineException {
    switch (value) {
      case IsolatorValue.ResourceMemory limit -> {
        if (limit.limit().isPresent() && available("memory", value)) {
          memory = Optional.of(limit.limit().get().ceilValue());
        }
      }
      case IsolatorValue.ResourceCpu limit -> {
        if (limit.limit().isPresent() && available("cpu", value)) {
          cpu = Optional.of(millis(limit.limit().get()));
        }
      }
      case IsolatorValue.CpuShares weight -> {
        if (available("cpu", value)) {
          shares = Optional.of(weight.shares());
        }
      }
      case IsolatorValue.OomScoreAdj score -> oomScoreAdj = Optional.of(score.score());
      case IsolatorValue.CapabilitiesRetain set -> retain.addAll(set.set());
      case IsolatorValue.CapabilitiesRemove set -> remove.addAll(set.set());
      case IsolatorValue.SeccompRetain set ->
          seccomp(new SeccompRequest(true, set.set(), set.errno().orElse("")));
      case IsolatorValue.SeccompRemove set ->
          seccomp(new SeccompRequest(false, set.set(), set.errno().orElse("")));
      case IsolatorValue.SelinuxContext _,
          IsolatorValue.ApparmorProfile _ -> {} // see SecurityModules
      case IsolatorValue.NoNewPrivileges privileges -> noNewPrivileges |= privileges.on();
      case IsolatorValue.BlockBandwidth _,
          IsolatorValue.BlockIops _,
          IsolatorValue.NetworkBandwidth _,
          IsolatorValue.Sysctl _,
          IsolatorValue.Unknown _ ->
          warnings.add(
              "warning: isolator "
                  + value.isolatorName()
                  + " of app \""
                  + app
                  + "\" is not supported and is not enforced");
    }
  }

  private boolean available(String controller, IsolatorValue value) {
    if (cgroups.controller(controller).isPresent()) {
      return true;
    }
    warnings.add(
        "warning: "
            + value.isolatorName()
            + " isolator set but support disabled in the kernel, skipping");
    return false;
  }

  private long millis(Quantity quantity) throws EngineException {
    // A quota counts microseconds per tenth of a second: 100 times the thousandths of a CPU.
    long millis = quantity.milliValue();
    if (millis > Long.MAX_VALUE / 100) {
      throw invalid("cpu limit exceeds the maximum millivalue: " + quantity.text());
    }
    return millis;
  }

  private void seccomp(SeccompRequest request) throws EngineException {
    if (seccomp.isPresent()) {
      throw invalid("too many seccomp isolators specified");
    }
    seccomp = Optional.of(request);
  }

  private AppIsolators result() throws EngineException {
    if (!retain.isEmpty() && !remove.isEmpty()) {
      throw invalid("capabilities retain and remove sets exclude each other");
    }
    return new AppIsolators(
        retain.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(retain)),
        remove.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(remove)),
        seccomp,
        noNewPrivileges,
        memory,
        cpu,
        shares,
        oomScoreAdj);
  }

  private EngineException invalid(String why) {
    return EngineException.of(
        ErrorCode.INVALID, "cannot apply the isolators of app \"" + app + "\"", why);
  }
}
