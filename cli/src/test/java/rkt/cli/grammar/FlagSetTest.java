package rkt.cli.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Flags parse as Go's pflag parses them, and say why when they do not. */
class FlagSetTest {
  private final FlagSet flags =
      new FlagSet()
          .add(Flag.bool("debug", "d"))
          .add(Flag.bool("help", "h").letter('h'))
          .add(Flag.directory("dir", "/var/lib/rkt", "dir"))
          .endGlobals()
          .add(Flag.text("hostname", "", "name"))
          .add(Flag.repeated("set-env-file", "files"))
          .add(Flag.pair("set-env", "pairs"))
          .add(Flag.optional("net", Flag.Kind.LIST, "none", "default", "net"))
          .add(Flag.duration("grace-period", "30m0s", "grace"))
          .add(Flag.choices("fields", "id,name,size", "id,name", "fields"))
          .add(Flag.bool("no-store", "old").deprecated("please use --pull-policy=update"))
          .add(Flag.text("letter", "", "letter").letter('l'))
          .later("volume", "port");

  private List<String> parse(String... args) throws UsageException {
    return flags.parse(List.of(args), true);
  }

  private void refused(String message, String... args) {
    assertThatThrownBy(() -> parse(args)).isInstanceOf(UsageException.class).hasMessage(message);
  }

  @Test
  void valuesWithEqualsAndInTheNextArgument() throws UsageException {
    assertThat(parse("--hostname=a", "x", "--hostname", "b", "y")).containsExactly("x", "y");
    assertThat(flags.value("hostname")).isEqualTo("b");
    assertThat(flags.given("hostname")).isTrue();
    assertThat(flags.given("dir")).isFalse();
    assertThat(flags.value("dir")).isEqualTo("/var/lib/rkt");
  }

  @Test
  void booleansNeverTakeTheNextArgument() throws UsageException {
    assertThat(parse("--debug", "false")).containsExactly("false");
    assertThat(flags.on("debug")).isTrue();
    parse("--debug=0");
    assertThat(flags.on("debug")).isFalse();
    refused(
        "invalid argument \"maybe\" for --debug: strconv.ParseBool: parsing \"maybe\": invalid syntax",
        "--debug=maybe");
  }

  @Test
  void optionalValuesNeverTakeTheNextArgument() throws UsageException {
    assertThat(parse("--net", "host", "--net=a,b")).containsExactly("host");
    assertThat(flags.all("net")).containsExactly("default", "a", "b");
  }

  @Test
  void valuesMayBeEmptyAndHoldEqualsAndDashes() throws UsageException {
    parse("--hostname=");
    assertThat(flags.value("hostname")).isEmpty();
    assertThat(flags.given("hostname")).isTrue();
    parse("--hostname", "--debug");
    assertThat(flags.value("hostname")).isEqualTo("--debug");
    parse("--set-env=a=b=c,d");
    assertThat(flags.all("set-env")).containsExactly("a=b=c,d");
  }

  @Test
  void doubleDashEndsFlags() throws UsageException {
    assertThat(parse("a", "--", "--debug", "--")).containsExactly("a", "--debug", "--");
    assertThat(flags.beforeDash()).isEqualTo(1);
    assertThat(flags.on("debug")).isFalse();
  }

  @Test
  void aLoneDashAndTheEmptyStringArePositional() throws UsageException {
    assertThat(parse("-", "")).containsExactly("-", "");
    assertThat(flags.beforeDash()).isEqualTo(-1);
  }

  @Test
  void withoutInterspersingTheFirstPositionalEndsFlags() throws UsageException {
    assertThat(flags.parse(List.of("--debug", "uuid", "--hostname"), false))
        .containsExactly("uuid", "--hostname");
  }

  @Test
  void shorthands() throws UsageException {
    parse("-h", "-l", "x");
    assertThat(flags.helpWanted()).isTrue();
    assertThat(flags.value("letter")).isEqualTo("x");
    parse("-ly");
    assertThat(flags.value("letter")).isEqualTo("y");
    parse("-l=z");
    assertThat(flags.value("letter")).isEqualTo("z");
    refused("unknown shorthand flag: 'x' in -xyz", "-xyz");
    refused("flag needs an argument: 'l' in -l", "-l");
  }

  @Test
  void misspeltFlagsAreNamed() {
    refused("unknown flag: --nope", "--nope=1");
    refused("unknown flag: --hostnam", "--hostnam", "x");
    refused("bad flag syntax: --=x", "--=x");
    refused("bad flag syntax: ---", "---");
    refused("flag needs an argument: --hostname", "--hostname");
  }

  @Test
  void flagsOfALaterVersionAreRefusedByName() {
    refused("flag --volume is not supported by this version of rkt yet", "--volume=a,kind=empty");
    refused("flag --port is not supported by this version of rkt yet", "--port", "http:80");
  }

  @Test
  void directoriesBecomeAbsoluteAndAreNeverEmpty() throws UsageException {
    parse("--dir=a/../b");
    assertThat(flags.value("dir")).isEqualTo(Path.of("b").toAbsolutePath().toString());
    refused("invalid argument \"\" for --dir: \"\" is not a valid directory", "--dir=");
  }

  @Test
  void pairsNeedAKeyAndOneOfEach() throws UsageException {
    refused("invalid argument \"x\" for --set-env: must be specified as key=value", "--set-env=x");
    refused(
        "invalid argument \"=x\" for --set-env: must be specified as key=value", "--set-env==x");
    parse("--set-env=k=1", "--set-env=kk=1");
    refused("invalid argument \"k=2\" for --set-env: key \"k\" already set", "--set-env=k=2");
  }

  @Test
  void choicesKeepTheirOrder() throws UsageException {
    parse("--fields=name,ID");
    assertThat(flags.all("fields")).containsExactly("name", "id");
    refused("invalid argument \"x\" for --fields: unknown option \"x\"", "--fields=x");
    refused("invalid argument \"name\" for --fields: duplicated option \"name\"", "--fields=name");
  }

  @Test
  void anEmptyChoiceIsAccepted() throws UsageException {
    parse("--fields=");
    assertThat(flags.all("fields")).isEmpty();
  }

  @Test
  void durationsAreCheckedWhenRead() throws UsageException {
    parse("--grace-period=1h5s");
    assertThat(flags.nanos("grace-period")).isEqualTo(3_605_000_000_000L);
    refused(
        "invalid argument \"5\" for --grace-period: time: missing unit in duration \"5\"",
        "--grace-period=5");
  }

  @Test
  void deprecatedFlagsWorkAndSayWhatToUse() throws UsageException {
    parse("--no-store");
    assertThat(flags.takeNotices())
        .containsExactly("Flag --no-store has been deprecated, please use --pull-policy=update");
    assertThat(flags.takeNotices()).isEmpty();
  }
}
