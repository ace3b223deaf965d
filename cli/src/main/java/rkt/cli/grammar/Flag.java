package rkt.cli.grammar;

/**
 * One row of a flag table: grammar, help text, man page and completion are all made from it.
 *
 * @param name long name without the dashes
 * @param shorthand one letter, or 0 when the flag has none
 * @param kind how a value is read and checked
 * @param defaultText value when the flag is absent, as help shows it
 * @param bareValue value of {@code --name} alone; empty when the flag always takes a value
 * @param usage one line for help
 * @param perApp whether the flag belongs to the image named before it
 * @param hidden accepted, but in no help text
 * @param deprecation what to use instead; empty when the flag is current
 * @param choices comma-separated permissible values of {@link Kind#CHOICES}; otherwise empty
 */
public record Flag(
    String name,
    char shorthand,
    Kind kind,
    String defaultText,
    String bareValue,
    String usage,
    boolean perApp,
    boolean hidden,
    String deprecation,
    String choices) {

  /** How a flag's value is read. */
  public enum Kind {
    /** {@code --x}, {@code --x=true}, {@code --x=0}; never takes the next argument. */
    BOOL,
    /** Any text; the last one wins. */
    TEXT,
    /** Any text, may be repeated; every value counts, in order. */
    REPEATED,
    /** Like {@link #REPEATED}, split at commas. */
    LIST,
    /** A directory: made absolute, never empty. */
    DIRECTORY,
    /** A duration in Go's notation, for example {@code 1h30m}. */
    DURATION,
    /** {@code key=value}, split at the first {@code =}; each key once. */
    PAIR,
    /** A comma list out of a fixed set, no element twice. */
    CHOICES
  }

  public static Flag bool(String name, String usage) {
    return new Flag(name, '\0', Kind.BOOL, "false", "true", usage, false, false, "", "");
  }

  /** A switch that is on unless told otherwise. */
  public static Flag boolOn(String name, String usage) {
    return new Flag(name, '\0', Kind.BOOL, "true", "true", usage, false, false, "", "");
  }

  public static Flag text(String name, String defaultText, String usage) {
    return of(name, Kind.TEXT, defaultText, usage);
  }

  public static Flag repeated(String name, String usage) {
    return of(name, Kind.REPEATED, "", usage);
  }

  public static Flag directory(String name, String defaultText, String usage) {
    return of(name, Kind.DIRECTORY, defaultText, usage);
  }

  public static Flag duration(String name, String defaultText, String usage) {
    return of(name, Kind.DURATION, defaultText, usage);
  }

  public static Flag pair(String name, String usage) {
    return of(name, Kind.PAIR, "", usage);
  }

  public static Flag choices(String name, String permissible, String defaultText, String usage) {
    return new Flag(
        name, '\0', Kind.CHOICES, defaultText, "", usage, false, false, "", permissible);
  }

  /** A flag whose value may be left out: {@code --net} or {@code --net=host}. */
  public static Flag optional(
      String name, Kind kind, String defaultText, String bareValue, String usage) {
    return new Flag(name, '\0', kind, defaultText, bareValue, usage, false, false, "", "");
  }

  private static Flag of(String name, Kind kind, String defaultText, String usage) {
    return new Flag(name, '\0', kind, defaultText, "", usage, false, false, "", "");
  }

  public Flag letter(char letter) {
    return new Flag(
        name, letter, kind, defaultText, bareValue, usage, perApp, hidden, deprecation, choices);
  }

  public Flag forEachApp() {
    return new Flag(
        name, shorthand, kind, defaultText, bareValue, usage, true, hidden, deprecation, choices);
  }

  /** Accepted without being told of: for what a command only hands on. */
  public Flag hide() {
    return new Flag(
        name, shorthand, kind, defaultText, bareValue, usage, perApp, true, deprecation, choices);
  }

  public Flag deprecated(String instead) {
    return new Flag(
        name, shorthand, kind, defaultText, bareValue, usage, perApp, hidden, instead, choices);
  }

  /** Whether help, man pages and completion show the flag. */
  public boolean shown() {
    return !hidden && deprecation.isEmpty();
  }
}
