package rkt.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.ImageArguments;
import rkt.cli.grammar.UsageException;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.IsolatorValue;
import rkt.schema.appc.Quantity;
import rkt.schema.appc.Rlimit;

/** Limits on the command line become isolators. */
class IsolatorFlagsTest {
  private final FlagSet flags = new FlagSet();

  private List<IsolatorValue> parse(String... args) throws Exception {
    AppArguments apps = new AppArguments();
    AppArguments.flags(flags);
    IsolatorFlags.podFlags(flags);
    flags.onAppFlag(apps);
    List<String> all = new ArrayList<>(List.of("example.com/app:1"));
    all.addAll(List.of(args));
    new ImageArguments(flags, apps, true).parse(all);
    List<IsolatorValue> out = new ArrayList<>();
    for (Isolator isolator : apps.requests().get(0).isolators()) {
      out.add(isolator.typed());
    }
    return out;
  }

  private static Optional<Quantity> quantity(String text) {
    return Optional.of(new Quantity(text));
  }

  @Test
  void everyLimit() throws Exception {
    assertThat(
            parse(
                "--seccomp=mode=remove,errno=EPERM,reboot,@systemd/clock",
                "--caps-remove=CAP_MKNOD,CAP_KILL",
                "--ulimit=nofile=10:20",
                "--ulimit=core=unlimited",
                "--ulimit=nofile=11",
                "--oom-score-adj=-3",
                "--cpu-shares=2048",
                "--pids-limit=100",
                "--cpu=1",
                "--cpu=500m",
                "--memory",
                "16Mi"))
        .containsExactly(
            new IsolatorValue.ResourceMemory(quantity("16Mi"), quantity("16Mi"), false),
            new IsolatorValue.ResourceCpu(quantity("500m"), quantity("500m"), false),
            new IsolatorValue.ResourcePids(Optional.empty(), quantity("100"), false),
            new IsolatorValue.CpuShares(2048),
            new IsolatorValue.OomScoreAdj(-3),
            new IsolatorValue.Rlimits(
                Map.of(
                    "core", new Rlimit(Rlimit.UNLIMITED, Rlimit.UNLIMITED),
                    "nofile", new Rlimit(11, 11))),
            new IsolatorValue.CapabilitiesRemove(List.of("CAP_MKNOD", "CAP_KILL")),
            new IsolatorValue.SeccompRemove(
                List.of("reboot", "@systemd/clock"), Optional.of("EPERM")));
    assertThat(flags.takeNotices()).isEmpty();
  }

  @Test
  void oldNamesOfCapabilityFlagsStillWork() throws Exception {
    assertThat(parse("--cap-retain=CAP_KILL"))
        .containsExactly(new IsolatorValue.CapabilitiesRetain(List.of("CAP_KILL")));
    assertThat(flags.takeNotices())
        .containsExactly("Flag --cap-retain has been deprecated, use --caps-retain instead");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--memory=4095 | memory limit of 4095 bytes too low, the minimum is 4096 bytes",
        "--memory=lots | bad quantity",
        "--memory= | bad quantity",
        "--cpu=-1 | must not be negative",
        "--cpu-shares=1 | os/linux/cpu-shares must be between 2 and 262144, got 1",
        "--cpu-shares=x | \"x\" is not an integer",
        "--oom-score-adj=1001 | os/linux/oom-score-adj must be between -1000 and 1000, got 1001",
        "--pids-limit=0 | pids limit must be between 1 and 4194304",
        "--ulimit=nofile | must be specified as NAME=SOFT or NAME=SOFT:HARD",
        "--ulimit=files=1 | unknown resource limit \"files\"",
        "--ulimit=nofile=2:1 | the soft limit 2 exceeds the hard limit 1",
        "--ulimit=nofile=1:2:3 | bad resource limit \"2:3\"",
        "--caps-retain= | set must be non-empty",
        "--seccomp=reboot | invalid seccomp mode command-line override: \"\"",
        "--seccomp=mode=allow,reboot | invalid seccomp mode command-line override: \"allow\"",
        "--seccomp=mode=retain,error=EPERM,x | invalid seccomp command-line override: \"error=EPERM\"",
        "--seccomp=mode=retain,errno=eperm,x | errno must start with an 'E' character, got eperm",
        "--seccomp=mode=retain | set must be non-empty",
      })
  void refuses(String flag, String message) {
    assertThatThrownBy(() -> parse(flag))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(message);
  }

  @Test
  void retainAndRemoveExcludeEachOther() {
    assertThatThrownBy(() -> parse("--caps-retain=CAP_KILL", "--cap-remove=CAP_CHOWN"))
        .hasMessageContaining(
            "error: cannot use both --caps-retain and --caps-remove on the same image");
  }

  @Test
  void kernelParametersAreThePods() throws Exception {
    assertThat(parse("--sysctl=net/core/somaxconn=1", "--sysctl=kernel.sem=250 32000")).isEmpty();
    assertThat(IsolatorFlags.podIsolators(flags))
        .map(Isolator::typed)
        .containsExactly(
            new IsolatorValue.Sysctl(Map.of("net.core.somaxconn", "1", "kernel.sem", "250 32000")));
  }

  @Test
  void kernelParametersOfTheMachineAreRefused() throws Exception {
    var unused = parse("--sysctl=vm.swappiness=1");
    assertThatThrownBy(() -> IsolatorFlags.podIsolators(flags))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("invalid value for --sysctl: kernel parameter \"vm.swappiness\"");
    assertThatThrownBy(() -> new IsolatorFlagsTest().parse("--sysctl=x"))
        .hasMessageContaining("must be specified as key=value");
  }
}
