package rkt.cli.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import rkt.cli.GlobalFlags;

/** Commands are found whatever stands around their words. */
class CommandLineTest {
  private static final List<String> PATHS =
      List.of(
          "cat-manifest",
          "image gc",
          "image list",
          "list",
          "rm",
          "run",
          "run-prepared",
          "status",
          "stop");

  private static CommandLine find(String... args) throws UsageException {
    return CommandLine.find(PATHS, GlobalFlags.table(), List.of(args));
  }

  private static void refused(String message, String... args) {
    assertThatThrownBy(() -> find(args)).isInstanceOf(UsageException.class).hasMessage(message);
  }

  @Test
  void globalFlagsBeforeBetweenAndAfter() throws UsageException {
    CommandLine line = find("--dir", "/d", "image", "--debug", "list", "--full", "--dir=/e");
    assertThat(line.path()).isEqualTo("image list");
    assertThat(line.rest()).containsExactly("--dir", "/d", "--debug", "--full", "--dir=/e");
  }

  @Test
  void ownFlagsBeforeTheCommandInEqualsForm() throws UsageException {
    CommandLine line = find("--no-legend=true", "list");
    assertThat(line.path()).isEqualTo("list");
    assertThat(line.rest()).containsExactly("--no-legend=true");
  }

  @Test
  void anOwnFlagWithoutValueBeforeTheCommandSwallowsIt() throws UsageException {
    CommandLine line = find("--no-legend", "list");
    assertThat(line.path()).isEmpty();
    assertThat(line.rest()).containsExactly("--no-legend", "list");
  }

  @Test
  void unambiguousPrefixes() throws UsageException {
    assertThat(find("l").path()).isEqualTo("list");
    assertThat(find("i", "g").path()).isEqualTo("image gc");
    assertThat(find("cat").path()).isEqualTo("cat-manifest");
    assertThat(find("stat", "x").rest()).containsExactly("x");
  }

  @Test
  void anExactNameWinsOverLongerOnes() throws UsageException {
    assertThat(find("run").path()).isEqualTo("run");
  }

  @Test
  void ambiguousAndUnknownWords() {
    refused("ambiguous command \"st\" for \"rkt\": could be status or stop", "st");
    refused("ambiguous command \"r\" for \"rkt\": could be rm, run or run-prepared", "r");
    refused("unknown command \"x\" for \"rkt\"", "x");
    refused("unknown command \"x\" for \"rkt image\"", "image", "x");
    refused("unknown command \"\" for \"rkt\"", "");
  }

  @Test
  void noCommand() throws UsageException {
    assertThat(find().path()).isEmpty();
    assertThat(find("--debug").rest()).containsExactly("--debug");
    assertThat(find("--", "list").path()).isEmpty();
    assertThat(find("image").path()).isEqualTo("image");
  }

  @Test
  void argumentsThatLookLikeCommandsStayArguments() throws UsageException {
    CommandLine line = find("run", "list", "--", "stop");
    assertThat(line.path()).isEqualTo("run");
    assertThat(line.rest()).containsExactly("list", "--", "stop");
  }

  /** {@code trust KEY} and {@code trust list}: a key file's name is not taken for a command. */
  @Test
  void aCommandMayHaveCommandsBelowIt() throws UsageException {
    List<String> paths = List.of("trust", "trust explain", "trust list");
    FlagSet globals = new FlagSet();
    assertThat(CommandLine.find(paths, globals, List.of("trust", "list")))
        .isEqualTo(new CommandLine("trust list", List.of()));
    for (String word : List.of("li", "key.gpg", "explains")) {
      assertThat(CommandLine.find(paths, globals, List.of("tr", "--prefix=a", word)))
          .isEqualTo(new CommandLine("trust", List.of("--prefix=a", word)));
    }
    assertThat(CommandLine.isGroup(paths, "trust")).isFalse();
    assertThat(CommandLine.isGroup(paths, "")).isTrue();
  }
}
