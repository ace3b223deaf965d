package rkt.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.UsageException;
import rkt.schema.appc.EnvVar;

class PodEnvironmentTest {
  @TempDir Path directory;

  private static FlagSet flags(String... args) throws UsageException {
    FlagSet flags = new FlagSet();
    PodEnvironment.flags(flags);
    flags.parse(List.of(args), true);
    return flags;
  }

  private List<EnvVar> read(String... contents) throws IOException, UsageException, CommandFailure {
    List<String> args = new ArrayList<>();
    for (String content : contents) {
      Path file = directory.resolve("env" + args.size());
      args.add("--set-env-file=" + Files.writeString(file, content));
    }
    return PodEnvironment.fromFiles(flags(args.toArray(new String[0])));
  }

  /** What a service manager says is for rkt alone. */
  @Test
  void callersOfServiceManagersKeepTheirWords() {
    assertThat(
            PodEnvironment.callers(
                Map.of("NOTIFY_SOCKET", "@x", "LISTEN_FDS", "1", "WATCHDOG_USEC", "1", "A", "b")))
        .containsExactly(new EnvVar("A", "b"));
  }

  @Test
  void filesKeepLinesAsTheyAre() throws Exception {
    assertThat(read("# Comment\n\nA=1\n; Comment\nB= \"x\" \nC==\n", "D=\n"))
        .extracting(EnvVar::toString)
        .containsExactly("A=1", "B= \"x\" ", "C==", "D=");
  }

  @Test
  void filesSayWhatIsWrongAndWhere() {
    assertThatThrownBy(() -> read("A\n"))
        .hasMessage(
            "environment variable must be specified as name=value (file \""
                + directory.resolve("env0")
                + "\")");
    assertThatThrownBy(() -> read("A=1", "A=2"))
        .hasMessage(
            "environment variable \"A\" already set (file \"" + directory.resolve("env1") + "\")");
    assertThatThrownBy(() -> read("1A=1")).hasMessageContaining("1A").hasMessageContaining("env0");
    assertThatThrownBy(() -> PodEnvironment.fromFiles(flags("--set-env-file=/nope")))
        .hasMessage("open /nope: no such file or directory");
  }

  @Test
  void setEnvKeepsCommasAndEquals() throws Exception {
    assertThat(PodEnvironment.set(flags("--set-env=A=b,c=d", "--set-env", "B=")))
        .containsExactly(new EnvVar("A", "b,c=d"), new EnvVar("B", ""));
    assertThatThrownBy(() -> flags("--set-env=A=1", "--set-env=A=2"))
        .hasMessageContaining("key \"A\" already set");
  }

  @Test
  void theCallersEnvironmentIsWhatItWasBeforeTheLauncher() {
    Map<String, String> environment =
        Map.of(
            "LC_ALL", "C.UTF-8",
            "RKT_SAVED_JAVA_HOME", "/j",
            "RKT_SAVED_LC_ALL", "de_DE",
            "PATH", "/bin",
            "BASH_FUNC_x%%", "() { :; }");
    assertThat(PodEnvironment.callers(environment))
        .extracting(EnvVar::toString)
        .containsExactly("JAVA_HOME=/j", "LC_ALL=de_DE", "PATH=/bin");
    assertThat(PodEnvironment.callers(Map.of("LC_ALL", "C.UTF-8"))).isEmpty();
  }

  @Test
  void theCallersEnvironmentOnlyWhenAsked() throws Exception {
    assertThat(PodEnvironment.inherited(flags())).isEmpty();
    assertThat(PodEnvironment.inherited(flags("--inherit-env"))).isNotEmpty();
  }
}
