package rkt.stage1.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.IsolatorValue;
import rkt.schema.appc.Rlimit;
import rkt.stage1.seccomp.SeccompRequest;

/** Collects isolators: sets add up, of other values the last one counts. */
final class IsolatorReader {
  private final String app;
  private final List<String> warnings;

  private final List<String> retain = new ArrayList<>();
  private final List<String> remove = new ArrayList<>();
  private Optional<SeccompRequest> seccomp = Optional.empty();
  private boolean noNewPrivileges;
  private Optional<Integer> oomScoreAdj = Optional.empty();
  private final Map<String, Rlimit> rlimits = new TreeMap<>();
  private final ResourceReader resources;

  private IsolatorReader(String app, CgroupTree cgroups, List<String> warnings) {
    this.app = app;
    this.resources = new ResourceReader("app \"" + app + "\"", cgroups, warnings);
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
      case IsolatorValue.Rlimits limits -> rlimits.putAll(limits.limits());
      case IsolatorValue.Sysctl _ ->
          throw EngineException.of(
              ErrorCode.INVALID,
              "cannot apply the isolators of app \"" + app + "\"",
              value.isolatorName() + " is an isolator of pods: all apps share the namespaces",
              "use --sysctl, or the isolators of the pod manifest");
      case IsolatorValue.ResourceMemory _,
          IsolatorValue.ResourceCpu _,
          IsolatorValue.CpuShares _,
          IsolatorValue.ResourcePids _,
          IsolatorValue.BlockBandwidth _,
          IsolatorValue.BlockIops _,
          IsolatorValue.NetworkBandwidth _ ->
          resources.add(value);
      case IsolatorValue.Unknown _ ->
          warnings.add(
              "warning: isolator "
                  + value.isolatorName()
                  + " of app \""
                  + app
                  + "\" is not supported and is not enforced");
    }
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
        oomScoreAdj,
        rlimits,
        resources.result());
  }

  private EngineException invalid(String why) {
    return EngineException.of(
        ErrorCode.INVALID, "cannot apply the isolators of app \"" + app + "\"", why);
  }
}
