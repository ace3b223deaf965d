package rkt.schema.appc;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.JsonValue;

/** What an isolator asks for, by kind. Constructors hold the rules of each kind. */
public sealed interface IsolatorValue {
  /** The isolator's name in documents. */
  String isolatorName();

  /** Memory in bytes. */
  record ResourceMemory(Optional<Quantity> request, Optional<Quantity> limit, boolean isDefault)
      implements IsolatorValue {
    public ResourceMemory {
      enforced(request, limit, isDefault);
    }

    @Override
    public String isolatorName() {
      return Isolator.MEMORY;
    }
  }

  /** Processors; {@code 500m} is half of one. */
  record ResourceCpu(Optional<Quantity> request, Optional<Quantity> limit, boolean isDefault)
      implements IsolatorValue {
    public ResourceCpu {
      enforced(request, limit, isDefault);
    }

    @Override
    public String isolatorName() {
      return Isolator.CPU;
    }
  }

  /** Processes and threads. */
  record ResourcePids(Optional<Quantity> request, Optional<Quantity> limit, boolean isDefault)
      implements IsolatorValue {
    /** PID_MAX_LIMIT of the kernel. */
    private static final long MOST = 4_194_304;

    public ResourcePids {
      if (isDefault) {
        throw new SchemaException("default must be false");
      }
      if (request.isPresent()) {
        throw new SchemaException("request not supported by this resource, must be empty");
      }
      if (limit.isPresent() && (limit.get().ceilValue() < 1 || limit.get().ceilValue() > MOST)) {
        throw new SchemaException(
            "pids limit must be between 1 and " + MOST + ", got " + limit.get().text());
      }
    }

    @Override
    public String isolatorName() {
      return Isolator.PIDS;
    }
  }

  /**
   * Limits of setrlimit(2) by their names in lower case, without {@code RLIMIT_}. Of several such
   * isolators the last one that names a resource counts for it.
   */
  record Rlimits(Map<String, Rlimit> limits) implements IsolatorValue {
    public Rlimits {
      if (limits.isEmpty()) {
        throw new SchemaException("rlimits must be non-empty");
      }
      for (String name : limits.keySet()) {
        if (!Rlimit.NAMES.contains(name)) {
          throw new SchemaException(
              "unknown resource limit "
                  + Texts.quote(name)
                  + " (expected one of "
                  + String.join(", ", Rlimit.NAMES)
                  + ")");
        }
      }
      limits = Collections.unmodifiableMap(new TreeMap<>(limits));
    }

    @Override
    public String isolatorName() {
      return Isolator.RLIMITS;
    }
  }

  /** Bytes per second to block devices, of reading and of writing. */
  record BlockBandwidth(Optional<Quantity> request, Optional<Quantity> limit, boolean isDefault)
      implements IsolatorValue {
    public BlockBandwidth {
      defaultOnly(request, limit, isDefault);
    }

    @Override
    public String isolatorName() {
      return Isolator.BLOCK_BANDWIDTH;
    }
  }

  /** Operations per second of block devices, reading and writing each. */
  record BlockIops(Optional<Quantity> request, Optional<Quantity> limit, boolean isDefault)
      implements IsolatorValue {
    public BlockIops {
      defaultOnly(request, limit, isDefault);
    }

    @Override
    public String isolatorName() {
      return Isolator.BLOCK_IOPS;
    }
  }

  /** Bits per second to the network. */
  record NetworkBandwidth(Optional<Quantity> request, Optional<Quantity> limit, boolean isDefault)
      implements IsolatorValue {
    public NetworkBandwidth {
      defaultOnly(request, limit, isDefault);
    }

    @Override
    public String isolatorName() {
      return Isolator.NETWORK_BANDWIDTH;
    }
  }

  /** Relative share of processor time, 2 to 262144. */
  record CpuShares(int shares) implements IsolatorValue {
    public CpuShares {
      range(Isolator.CPU_SHARES, shares, 2, 262_144);
    }

    @Override
    public String isolatorName() {
      return Isolator.CPU_SHARES;
    }
  }

  /** Preference of the out-of-memory killer, -1000 to 1000. */
  record OomScoreAdj(int score) implements IsolatorValue {
    public OomScoreAdj {
      range(Isolator.OOM_SCORE_ADJ, score, -1000, 1000);
    }

    @Override
    public String isolatorName() {
      return Isolator.OOM_SCORE_ADJ;
    }
  }

  /** Exactly these capabilities are kept. */
  record CapabilitiesRetain(List<String> set) implements IsolatorValue {
    public CapabilitiesRetain {
      set = nonEmpty(set);
    }

    @Override
    public String isolatorName() {
      return Isolator.CAPABILITIES_RETAIN;
    }
  }

  /** The default capabilities but these are kept. */
  record CapabilitiesRemove(List<String> set) implements IsolatorValue {
    public CapabilitiesRemove {
      set = nonEmpty(set);
    }

    @Override
    public String isolatorName() {
      return Isolator.CAPABILITIES_REMOVE;
    }
  }

  /** Only these system calls are allowed; {@code errno} names what the others return. */
  record SeccompRetain(List<String> set, Optional<String> errno) implements IsolatorValue {
    public SeccompRetain {
      set = nonEmpty(set);
      checkErrno(errno);
    }

    @Override
    public String isolatorName() {
      return Isolator.SECCOMP_RETAIN;
    }
  }

  /** These system calls are forbidden; {@code errno} names what they return. */
  record SeccompRemove(List<String> set, Optional<String> errno) implements IsolatorValue {
    public SeccompRemove {
      set = nonEmpty(set);
      checkErrno(errno);
    }

    @Override
    public String isolatorName() {
      return Isolator.SECCOMP_REMOVE;
    }
  }

  /** Whether executing a file may gain privileges. */
  record NoNewPrivileges(boolean on) implements IsolatorValue {
    @Override
    public String isolatorName() {
      return Isolator.NO_NEW_PRIVILEGES;
    }
  }

  /** The name of the app's AppArmor profile, which the host has loaded. */
  record ApparmorProfile(String profile) implements IsolatorValue {
    public ApparmorProfile {
      if (profile.isEmpty()) {
        throw new SchemaException("invalid profile value " + Texts.quote(profile));
      }
      for (int i = 0; i < profile.length(); i++) {
        if (profile.charAt(i) < ' ' || profile.charAt(i) == 0x7f) {
          throw new SchemaException("invalid profile value " + Texts.quote(profile));
        }
      }
    }

    @Override
    public String isolatorName() {
      return Isolator.APPARMOR_PROFILE;
    }
  }

  /** SELinux label of the app. */
  record SelinuxContext(String user, String role, String type, String level)
      implements IsolatorValue {
    public SelinuxContext {
      part("user", user, true);
      part("role", role, true);
      part("type", type, true);
      part("level", level, false);
    }

    private static void part(String what, String value, boolean colonFree) {
      if (value.isEmpty() || (colonFree && value.indexOf(':') >= 0)) {
        throw new SchemaException("invalid " + what + " value " + Texts.quote(value));
      }
    }

    @Override
    public String isolatorName() {
      return Isolator.SELINUX_CONTEXT;
    }
  }

  /** Kernel parameters of the pod's namespaces. */
  record Sysctl(Map<String, String> values) implements IsolatorValue {
    public Sysctl {
      values = Rules.sorted(values);
    }

    @Override
    public String isolatorName() {
      return Isolator.SYSCTL;
    }
  }

  /** An isolator this rkt does not know; an app that carries one is refused. */
  record Unknown(String isolatorName, JsonValue value) implements IsolatorValue {}

  private static void enforced(
      Optional<Quantity> request, Optional<Quantity> limit, boolean isDefault) {
    if (isDefault) {
      throw new SchemaException("default must be false");
    }
    notNegative("request", request);
    notNegative("limit", limit);
  }

  private static void defaultOnly(
      Optional<Quantity> request, Optional<Quantity> limit, boolean isDefault) {
    if (!isDefault) {
      throw new SchemaException("default must be true");
    }
    if (request.isPresent()) {
      throw new SchemaException("request not supported by this resource, must be empty");
    }
    notNegative("limit", limit);
  }

  private static void notNegative(String what, Optional<Quantity> quantity) {
    if (quantity.isPresent() && quantity.get().isNegative()) {
      throw new SchemaException(what + " must not be negative: " + quantity.get().text());
    }
  }

  private static void range(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new SchemaException(
          name + " must be between " + min + " and " + max + ", got " + value);
    }
  }

  private static List<String> nonEmpty(List<String> set) {
    if (set.isEmpty()) {
      throw new SchemaException("set must be non-empty");
    }
    return List.copyOf(set);
  }

  private static void checkErrno(Optional<String> errno) {
    if (errno.isEmpty()) {
      return;
    }
    String name = errno.get();
    if (name.isEmpty() || name.charAt(0) != 'E') {
      throw new SchemaException(
          "errno must start with an 'E' character, got " + Texts.printable(name));
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if ((c < 'A' || c > 'Z') && !Texts.isDigit(c)) {
        throw new SchemaException(
            "errno can only contain upper case or numeric characters, got "
                + Texts.printable(name));
      }
    }
  }
}
