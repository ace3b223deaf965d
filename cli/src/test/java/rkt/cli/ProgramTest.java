package rkt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whole command lines that need no engine: what is printed where, and the exit status. */
class ProgramTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int rkt(String... args) {
    Console console = new Console(out, err);
    return console.finish(new Program(console, true).run(List.of(args)));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void versionPrintsFiveLines() {
    assertThat(rkt("version")).isZero();
    assertThat(out().lines())
        .hasSize(5)
        .satisfiesExactly(
            line -> assertThat(line).startsWith("rkt Version: "),
            line -> assertThat(line).startsWith("appc Version: "),
            line -> assertThat(line).startsWith("Go Version: none (Java "),
            line -> assertThat(line).startsWith("Go OS/Arch: linux/"),
            line -> assertThat(line).isEqualTo("Features: -TPM -SDJOURNAL"));
    assertThat(err()).isEmpty();
  }

  @Test
  void noCommandIsExitTwoWithHelpOnStandardOutput() {
    assertThat(rkt()).isEqualTo(2);
    assertThat(err()).isEqualTo("missing command\n");
    assertThat(out()).startsWith("NAME:\n\trkt - ").contains("COMMANDS:", "image list");
  }

  @Test
  void helpInEveryForm() {
    assertThat(rkt("help")).isZero();
    String root = out();
    out.reset();
    assertThat(rkt("--help")).isZero();
    assertThat(out()).isEqualTo(root);
    out.reset();
    rkt("help", "image", "list");
    String command = out();
    for (String[] form :
        new String[][] {
          {"image", "list", "--help"}, {"image", "list", "-h"}, {"--help", "image", "list"},
        }) {
      out.reset();
      assertThat(rkt(form)).isZero();
      assertThat(out()).isEqualTo(command).startsWith("NAME:\n\timage list - List images");
    }
    out.reset();
    assertThat(rkt("image")).isZero();
    assertThat(out()).startsWith("NAME:\n\timage - ");
    assertThat(err()).isEmpty();
  }

  @Test
  void helpAmongTheImagesIsHelpToo() {
    assertThat(rkt("fetch", "docker://x", "--help")).isZero();
    assertThat(out()).startsWith("NAME:\n\tfetch - ");
    assertThat(err()).isEmpty();
  }

  @Test
  void unknownHelpTopic() {
    assertThat(rkt("help", "nope")).isEqualTo(254);
    assertThat(err()).isEqualTo("help: unknown command \"nope\" for \"rkt\"\n");
  }

  @Test
  void misuseIsToldByTheGrammar() {
    assertThat(rkt("list", "--nope")).isEqualTo(254);
    assertThat(err()).isEqualTo("Error: unknown flag: --nope\nRun 'rkt list --help' for usage.\n");
    err.reset();
    assertThat(rkt("nope")).isEqualTo(254);
    assertThat(err()).startsWith("Error: unknown command \"nope\" for \"rkt\"\n");
    err.reset();
    assertThat(rkt("--insecure-options=foo", "list")).isEqualTo(254);
    assertThat(err())
        .startsWith(
            "Error: invalid argument \"foo\" for --insecure-options: unknown option \"foo\"\n");
    err.reset();
    assertThat(rkt("run", "--exec=/x", "img")).isEqualTo(254);
    assertThat(err()).contains("--exec must follow an image");
    assertThat(out()).isEmpty();
  }

  @Test
  void commandsAndFlagsOfALaterVersionSaySo() {
    assertThat(rkt("export", "a", "b")).isEqualTo(254);
    assertThat(err()).startsWith("export: the command \"rkt export\" is not supported");
    err.reset();
    assertThat(rkt("run", "--mds-register=true", "img")).isEqualTo(254);
    assertThat(err())
        .startsWith("Error: flag --mds-register is not supported by this version of rkt yet\n");
    err.reset();
    assertThat(rkt("app", "list", "u")).isEqualTo(254);
    assertThat(err()).contains("\"rkt app\" is not supported");
  }

  @Test
  void fetchArgumentErrors() {
    assertThat(rkt("fetch")).isEqualTo(254);
    assertThat(err()).isEqualTo("fetch: must provide at least one image\n");
    err.reset();
    assertThat(rkt("fetch", "img", "--", "arg")).isEqualTo(254);
    assertThat(err()).isEqualTo("fetch: unable to parse arguments: app arguments unsupported\n");
    err.reset();
    assertThat(rkt("image", "fetch", "img", "--nope")).isEqualTo(254);
    assertThat(err()).isEqualTo("fetch: unable to parse arguments: unknown flag: --nope\n");
  }

  @Test
  void completionArguments() {
    assertThat(rkt("completion")).isEqualTo(254);
    assertThat(rkt("completion", "bash", "zsh")).isEqualTo(254);
    assertThat(rkt("completion", "zsh")).isEqualTo(254);
    assertThat(err())
        .isEqualTo(
            """
            completion: shell type is not specified
            completion: too many arguments, only shell type is expected
            completion: 'zsh' shell is not supported
            """);
  }

  @Test
  void badFormatsAndValuesOfListings() {
    assertThat(rkt("list", "--format=yaml")).isEqualTo(254);
    assertThat(err()).isEqualTo("list: Invalid format option: yaml (use json or json-pretty)\n");
    err.reset();
    assertThat(rkt("image", "list", "--order=up")).isEqualTo(254);
    assertThat(err()).startsWith("list: wrong sort order");
    err.reset();
    assertThat(rkt("status", "--wait=soon", "u")).isEqualTo(254);
    assertThat(err()).startsWith("status: invalid value for --wait: time: invalid duration");
    assertThat(out()).contains("USAGE:");
  }

  @Test
  void buildNeedsTwoOperandsAndTheExtension() {
    assertThat(rkt("image", "build", "dir", "--", "a")).isEqualTo(254);
    assertThat(err()).startsWith("build: expected a root filesystem and an output file\n");
    err.reset();
    assertThat(rkt("image", "build", "dir", "out.tar")).isEqualTo(254);
    assertThat(err()).isEqualTo("build: extension must be .aci (given out.tar)\n");
  }

  @Test
  void trainingLinesAreWords() {
    assertThat(Training.words("  run  img\t-- a ")).containsExactly("run", "img", "--", "a");
    assertThat(Training.words("")).isEmpty();
  }
}
