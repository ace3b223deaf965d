package rkt.schema.appc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;

class IsolatorTest {
  private static Isolator isolator(String name, String json) {
    return new Isolator(name, Json.parse(json, ""));
  }

  static List<IsolatorValue> everyKind() {
    Optional<Quantity> some = Optional.of(new Quantity("500m"));
    Optional<Quantity> none = Optional.empty();
    return List.of(
        new IsolatorValue.ResourceMemory(some, some, false),
        new IsolatorValue.ResourceCpu(none, some, false),
        new IsolatorValue.ResourcePids(none, Optional.of(Quantity.of(50)), false),
        new IsolatorValue.Rlimits(
            Map.of("nofile", new Rlimit(10, Rlimit.UNLIMITED), "core", new Rlimit(0, 0))),
        new IsolatorValue.BlockBandwidth(none, some, true),
        new IsolatorValue.BlockIops(none, some, true),
        new IsolatorValue.NetworkBandwidth(none, none, true),
        new IsolatorValue.CpuShares(2),
        new IsolatorValue.OomScoreAdj(-1000),
        new IsolatorValue.CapabilitiesRetain(List.of("CAP_NET_ADMIN")),
        new IsolatorValue.CapabilitiesRemove(List.of("CAP_KILL", "CAP_CHOWN")),
        new IsolatorValue.SeccompRetain(List.of("@rkt/default-whitelist"), Optional.of("EPERM")),
        new IsolatorValue.SeccompRemove(List.of("reboot"), Optional.empty()),
        new IsolatorValue.NoNewPrivileges(true),
        new IsolatorValue.ApparmorProfile("docker-default"),
        new IsolatorValue.SelinuxContext("u", "r", "t", "s0:c1,c2"),
        new IsolatorValue.Sysctl(Map.of("net.core.somaxconn", "128")),
        new IsolatorValue.Unknown("os/linux/unheard-of", Json.parse("{\"x\":[1]}", "")));
  }

  @ParameterizedTest
  @MethodSource("everyKind")
  void survivesWritingAndReading(IsolatorValue value) {
    Isolator isolator = Isolator.of(value);
    assertThat(isolator.typed()).isEqualTo(value);
    assertThat(isolator(isolator.name(), isolator.value().toJson())).isEqualTo(isolator);
  }

  @Test
  void takesQuantitiesAsNumbersToo() {
    IsolatorValue value = isolator(Isolator.MEMORY, "{\"limit\":1048576}").typed();
    assertThat(((IsolatorValue.ResourceMemory) value).limit().orElseThrow().ceilValue())
        .isEqualTo(1048576);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "resource/memory | {\"default\":true,\"limit\":\"1G\"} | default must be false",
        "resource/cpu | {\"default\":true} | default must be false",
        "resource/cpu | {\"limit\":\"lots\"} | bad quantity",
        "resource/memory | {\"limit\":\"-1\"} | limit must not be negative",
        "resource/memory | {\"limit\":true} | limit must be a string, not a boolean",
        "resource/memory | 12 | must be an object, not a number",
        "resource/block-bandwidth | {\"limit\":\"1\"} | default must be true",
        "resource/block-iops | {\"default\":true,\"request\":\"1\"} | request not supported by this resource, must be empty",
        "resource/network-bandwidth | {\"default\":false} | default must be true",
        "os/linux/cpu-shares | 1 | os/linux/cpu-shares must be between 2 and 262144, got 1",
        "os/linux/cpu-shares | 262145 | os/linux/cpu-shares must be between 2 and 262144, got 262145",
        "os/linux/cpu-shares | 4294967298 | os/linux/cpu-shares must be between 2 and 262144",
        "os/linux/cpu-shares | \"2\" | must be an integer, not a string",
        "os/linux/cpu-shares | 2.5 | must be a 64-bit integer",
        "os/linux/oom-score-adj | -1001 | os/linux/oom-score-adj must be between -1000 and 1000, got -1001",
        "os/linux/capabilities-retain-set | {\"set\":[]} | set must be non-empty",
        "os/linux/capabilities-remove-set | {} | set must be non-empty",
        "os/linux/capabilities-remove-set | {\"set\":[1]} | must be a string",
        "os/linux/seccomp-retain-set | {\"set\":[]} | set must be non-empty",
        "os/linux/seccomp-retain-set | {\"set\":[\"x\"],\"errno\":\"xx\"} | errno must start with an 'E' character, got xx",
        "os/linux/seccomp-remove-set | {\"set\":[\"x\"],\"errno\":\"Eperm\"} | errno can only contain upper case or numeric characters, got Eperm",
        "os/linux/no-new-privileges | 1 | must be a boolean",
        "os/linux/selinux-context | {\"user\":\"\"} | invalid user value \"\"",
        "os/linux/selinux-context | {\"user\":\"u\",\"role\":\"a:b\"} | invalid role value \"a:b\"",
        "os/linux/selinux-context | {\"user\":\"u\",\"role\":\"r\",\"type\":\"t\"} | invalid level value \"\"",
        "os/unix/sysctl | {\"a\":1} | must be a string",
        "resource/pids | {\"limit\":\"0\"} | pids limit must be between 1 and 4194304, got 0",
        "resource/pids | {\"limit\":\"5000k\"} | pids limit must be between 1 and 4194304, got 5000k",
        "resource/pids | {\"request\":\"5\"} | request not supported by this resource, must be empty",
        "resource/pids | {\"default\":true} | default must be false",
        "os/unix/rlimits | {} | rlimits must be non-empty",
        "os/unix/rlimits | {\"files\":{\"soft\":1}} | unknown resource limit \"files\" (expected one of as, core,",
        "os/unix/rlimits | {\"nofile\":{\"hard\":1}} | soft: is missing",
        "os/unix/rlimits | {\"nofile\":{\"soft\":2,\"hard\":1}} | nofile: the soft limit 2 exceeds the hard limit 1",
        "os/unix/rlimits | {\"nofile\":{\"soft\":\"unlimited\",\"hard\":1}} | the soft limit unlimited exceeds",
        "os/unix/rlimits | {\"nofile\":{\"soft\":-7}} | must not be negative",
        "os/unix/rlimits | {\"nofile\":{\"soft\":\"lots\"}} | bad resource limit \"lots\"",
        "os/unix/rlimits | {\"nofile\":5} | must be an object",
        "Bad/Name | 1 | ACIdentifier must",
      })
  void refuses(String name, String json, String message) {
    assertThatThrownBy(() -> isolator(name, json))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining(message);
  }

  @Test
  void someKindsMayRepeat() {
    Isolator memory = isolator(Isolator.MEMORY, "{\"limit\":\"1\"}");
    Isolator caps = isolator(Isolator.CAPABILITIES_RETAIN, "{\"set\":[\"CAP_KILL\"]}");
    Isolator off = isolator(Isolator.NO_NEW_PRIVILEGES, "false");
    Isolator on = isolator(Isolator.NO_NEW_PRIVILEGES, "true");
    List<Isolator> list = List.of(memory, memory, caps, caps, on, off);
    Isolators.checkApp(list);
    assertThat(Isolators.noNewPrivileges(list)).isTrue();
    assertThat(Isolators.last(list, Isolator.NO_NEW_PRIVILEGES)).contains(off);
    assertThat(Isolators.last(list, Isolator.CPU)).isEmpty();
  }

  @Test
  void othersMustNot() {
    Isolator shares = isolator(Isolator.CPU_SHARES, "2");
    assertThatThrownBy(() -> Isolators.checkApp(List.of(shares, shares)))
        .hasMessage("isolators set contains too many instances of type os/linux/cpu-shares\"");
    Isolator retain = isolator(Isolator.SECCOMP_RETAIN, "{\"set\":[\"x\"]}");
    Isolator remove = isolator(Isolator.SECCOMP_REMOVE, "{\"set\":[\"x\"]}");
    assertThatThrownBy(() -> Isolators.checkApp(List.of(retain, remove)))
        .hasMessage("isolators set contains incompatible types");
    Isolator unknown = isolator("os/linux/unheard-of", "\"x\"");
    assertThatThrownBy(() -> Isolators.checkApp(List.of(unknown)))
        .hasMessageStartingWith("invalid isolator");
    Isolators.checkSet(List.of(unknown));
  }
}
