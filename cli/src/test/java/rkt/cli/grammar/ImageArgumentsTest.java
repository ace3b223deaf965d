package rkt.cli.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The loop over {@code IMG flags -- args --- IMG}. */
class ImageArgumentsTest {
  private final FlagSet flags =
      new FlagSet()
          .add(Flag.bool("debug", "d"))
          .endGlobals()
          .add(Flag.text("hostname", "", "h"))
          .add(Flag.text("exec", "", "e").forEachApp());

  /** Writes down what it was told, in order. */
  private final List<String> told = new ArrayList<>();

  private final ImageArguments.Sink sink =
      new ImageArguments.Sink() {
        @Override
        public void image(String image) {
          told.add("image " + image);
        }

        @Override
        public void appArgument(String argument) {
          told.add("arg " + argument);
        }
      };

  private List<String> parse(String... args) throws UsageException {
    flags.onAppFlag((flag, value) -> told.add(flag.name() + " " + value));
    new ImageArguments(flags, sink, true).parse(List.of(args));
    return told;
  }

  private void refused(boolean appArguments, String message, String... args) {
    assertThatThrownBy(() -> new ImageArguments(flags, sink, appArguments).parse(List.of(args)))
        .isInstanceOf(UsageException.class)
        .hasMessage(message);
  }

  @Test
  void imagesAndTheirArguments() throws UsageException {
    assertThat(parse("foo", "bar", "--", "--help", "---", "baz", "--", "--verbose"))
        .containsExactly("image foo", "image bar", "arg --help", "image baz", "arg --verbose");
  }

  @Test
  void tripleDashesOutsideArgumentsAreIgnored() throws UsageException {
    assertThat(parse("foo", "---", "bar", "---", "baz", "---"))
        .containsExactly("image foo", "image bar", "image baz");
  }

  @Test
  void emptyArgumentsAreSkippedOutsideAndKeptInside() throws UsageException {
    assertThat(parse("", "foo", "", "--", "", "--", "-x"))
        .containsExactly("image foo", "arg ", "arg --", "arg -x");
  }

  @Test
  void flagsBetweenImages() throws UsageException {
    assertThat(parse("foo", "--debug", "--exec", "/a", "bar", "--hostname=h", "--exec=/b"))
        .containsExactly("image foo", "exec /a", "image bar", "exec /b");
    assertThat(flags.on("debug")).isTrue();
    assertThat(flags.value("hostname")).isEqualTo("h");
  }

  @Test
  void flagsAfterTheArgumentsOfAnApp() throws UsageException {
    assertThat(parse("foo", "--", "a", "---", "--exec=/b", "bar"))
        .containsExactly("image foo", "arg a", "exec /b", "image bar");
  }

  @Test
  void leadingFlagsEndAtTheFirstOther() throws UsageException {
    assertThat(
            ImageArguments.leadingFlags(flags, List.of("--debug", "--hostname", "h", "i", "--x")))
        .containsExactly("i", "--x");
    assertThat(ImageArguments.leadingFlags(flags, List.of("--", "x"))).containsExactly("--", "x");
    assertThat(ImageArguments.leadingFlags(flags, List.of("---"))).containsExactly("---");
  }

  @Test
  void misplacedArguments() {
    refused(true, "an image is required before any app arguments", "--", "x");
    refused(
        true,
        "only one set of app arguments allowed per image",
        "foo",
        "--",
        "a",
        "---",
        "--",
        "b");
    refused(false, "app arguments unsupported", "foo", "--", "x");
    refused(true, "unknown flag: --nope", "foo", "--nope");
    refused(true, "flag needs an argument: --exec", "foo", "--exec");
  }
}
