package rkt.stage1.oci;

import java.util.Base64;
import java.util.List;
import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.json.JsonWriter;
import rkt.stage1.seccomp.Arch;
import rkt.stage1.seccomp.BpfCompiler;
import rkt.stage1.seccomp.DefaultFilter;
import rkt.stage1.seccomp.SeccompFilter;
import rkt.stage1.seccomp.SeccompJson;
import rkt.stage1.seccomp.SeccompProfiles;
import rkt.stage1.seccomp.SeccompRequest;

/**
 * An app's system call filter in both forms.
 *
 * @param json value of {@code linux.seccomp}
 * @param bpf the compiled filter in base64, where rkt can compile for this machine
 */
record SeccompSection(String json, Optional<String> bpf) {
  /**
   * The filter of an app.
   *
   * @param devicePolicy whether mknod is confined
   * @return empty when the isolator asks for none
   */
  static Optional<SeccompSection> of(
      Optional<SeccompRequest> request, boolean devicePolicy, List<String> warnings)
      throws EngineException {
    Optional<Arch> host = Arch.host();
    if (request.isEmpty() && devicePolicy && host.isPresent()) {
      Arch arch = host.get();
      return Optional.of(
          new SeccompSection(DefaultFilter.json(arch), Optional.of(DefaultFilter.bpf(arch))));
    }
    // A machine without tables gets the filter of its native ABI only, compiled by the runtime.
    Arch arch = host.orElse(Arch.X86_64);
    Optional<SeccompFilter> filter;
    if (request.isEmpty()) {
      filter = Optional.of(SeccompProfiles.defaultFilter(arch, devicePolicy));
    } else {
      try {
        filter = SeccompProfiles.requested(request.get(), arch, devicePolicy, warnings);
      } catch (IllegalArgumentException e) {
        throw new EngineException(
            ErrorCode.INVALID,
            "cannot apply the seccomp isolator",
            String.valueOf(e.getMessage()),
            "",
            e);
      }
    }
    if (filter.isEmpty()) {
      return Optional.empty();
    }
    JsonWriter json = JsonWriter.compact();
    SeccompJson.write(json, filter.get(), host);
    Optional<String> bpf = Optional.empty();
    if (host.isPresent()) {
      byte[] program = BpfCompiler.compile(filter.get(), host.get());
      bpf = Optional.of(Base64.getEncoder().encodeToString(program));
    }
    return Optional.of(new SeccompSection(json.toString(), bpf));
  }
}
