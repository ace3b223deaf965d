package rkt.cli.grammar;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The flag table of one command and the values one command line gave it.
 *
 * <p>Flags of the ancestor whose feature this version lacks are declared with {@link #later}: they
 * are refused by name, never accepted without effect. Tables are short, so look-up is a linear scan
 * and costs no hash map. Not thread-safe: one command line, one thread.
 */
public final class FlagSet {
  /** Told of each per-app flag at the moment it is read, because its position has a meaning. */
  public interface AppFlagListener {
    void appFlag(Flag flag, String value) throws UsageException;
  }

  private final List<Flag> flags = new ArrayList<>();
  private final List<List<String>> values = new ArrayList<>();
  private final List<String> laterNames = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private int globalCount;
  private int beforeDash = -1;
  private @Nullable AppFlagListener listener;

  public FlagSet add(Flag flag) {
    flags.add(flag);
    values.add(new ArrayList<>(0));
    return this;
  }

  /** Declares ancestor flags this version refuses with a message that says so. */
  public FlagSet later(String... names) {
    for (String name : names) {
      laterNames.add(name);
    }
    return this;
  }

  /** Ends the global part of the table: flags added from now on belong to the command. */
  public FlagSet endGlobals() {
    globalCount = flags.size();
    return this;
  }

  public FlagSet onAppFlag(AppFlagListener appFlagListener) {
    this.listener = appFlagListener;
    return this;
  }

  public List<Flag> globals() {
    return flags.subList(0, globalCount);
  }

  public List<Flag> locals() {
    return flags.subList(globalCount, flags.size());
  }

  /** Deprecation notices collected since the last call, one line each. */
  public List<String> takeNotices() {
    List<String> taken = List.copyOf(notices);
    notices.clear();
    return taken;
  }

  public @Nullable Flag lookup(String name) {
    int at = indexOf(name);
    return at < 0 ? null : flags.get(at);
  }

  public boolean given(String name) {
    return !values.get(require(name)).isEmpty();
  }

  /** The last value given, else the default. */
  public String value(String name) {
    int at = require(name);
    List<String> given = values.get(at);
    return given.isEmpty() ? flags.get(at).defaultText() : given.get(given.size() - 1);
  }

  /** Every value given, in order; empty when the flag is absent. */
  public List<String> all(String name) {
    return values.get(require(name));
  }

  public boolean on(String name) {
    return value(name).equals("true");
  }

  /** Nanoseconds of a {@link Flag.Kind#DURATION} flag. */
  public long nanos(String name) throws UsageException {
    return Values.duration(value(name));
  }

  /** How many positional arguments stood before {@code --}; -1 when there was none. */
  public int beforeDash() {
    return beforeDash;
  }

  /** Whether {@code --help} or {@code -h} was given. */
  public boolean helpWanted() {
    return on("help");
  }

  private int indexOf(String name) {
    for (int i = 0; i < flags.size(); i++) {
      if (flags.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private int require(String name) {
    int at = indexOf(name);
    if (at < 0) {
      throw new IllegalArgumentException("flag table has no --" + name);
    }
    return at;
  }

  /**
   * Parses flags and collects positional arguments.
   *
   * @param interspersed whether flags may follow positional arguments
   * @return the positional arguments; without {@code interspersed} everything from the first one on
   */
  public List<String> parse(List<String> args, boolean interspersed) throws UsageException {
    List<String> positional = new ArrayList<>();
    int i = 0;
    while (i < args.size()) {
      String arg = args.get(i);
      if (arg.equals("--")) {
        beforeDash = positional.size();
        positional.addAll(args.subList(i + 1, args.size()));
        return positional;
      }
      if (isFlag(arg)) {
        i = parseFlag(args, i);
      } else if (interspersed) {
        positional.add(arg);
        i++;
      } else {
        positional.addAll(args.subList(i, args.size()));
        return positional;
      }
    }
    return positional;
  }

  /** Whether an argument is a flag by its form; a lone {@code -} is not. */
  static boolean isFlag(String arg) {
    return arg.length() > 1 && arg.charAt(0) == '-';
  }

  /**
   * Parses the flag at {@code at}, with its value when that is the next argument.
   *
   * @return the index after what was consumed
   */
  int parseFlag(List<String> args, int at) throws UsageException {
    String arg = args.get(at);
    return arg.startsWith("--") ? parseLong(args, at, arg) : parseShort(args, at, arg);
  }

  private int parseLong(List<String> args, int at, String arg) throws UsageException {
    if (arg.length() == 2 || arg.charAt(2) == '-' || arg.charAt(2) == '=') {
      throw new UsageException("bad flag syntax: " + arg);
    }
    int equals = arg.indexOf('=');
    String name = equals < 0 ? arg.substring(2) : arg.substring(2, equals);
    int index = indexOf(name);
    if (index < 0) {
      throw unknown(name);
    }
    Flag flag = flags.get(index);
    if (equals >= 0) {
      set(index, arg.substring(equals + 1));
      return at + 1;
    }
    if (!flag.bareValue().isEmpty()) {
      set(index, flag.bareValue());
      return at + 1;
    }
    if (at + 1 >= args.size()) {
      throw new UsageException("flag needs an argument: " + arg);
    }
    set(index, args.get(at + 1));
    return at + 2;
  }

  private int parseShort(List<String> args, int at, String arg) throws UsageException {
    for (int i = 1; i < arg.length(); i++) {
      char letter = arg.charAt(i);
      int index = -1;
      for (int f = 0; f < flags.size(); f++) {
        if (flags.get(f).shorthand() == letter) {
          index = f;
        }
      }
      if (index < 0) {
        throw new UsageException("unknown shorthand flag: '" + letter + "' in " + arg);
      }
      if (i + 1 < arg.length() && arg.charAt(i + 1) == '=') {
        set(index, arg.substring(i + 2));
        return at + 1;
      }
      if (!flags.get(index).bareValue().isEmpty()) {
        set(index, flags.get(index).bareValue());
      } else if (i + 1 < arg.length()) {
        set(index, arg.substring(i + 1));
        return at + 1;
      } else if (at + 1 < args.size()) {
        set(index, args.get(at + 1));
        return at + 2;
      } else {
        throw new UsageException("flag needs an argument: '" + letter + "' in " + arg);
      }
    }
    return at + 1;
  }

  private UsageException unknown(String name) {
    for (int i = 0; i < laterNames.size(); i++) {
      if (laterNames.get(i).equals(name)) {
        return new UsageException(
            "flag --" + name + " is not supported by this version of rkt yet");
      }
    }
    return new UsageException("unknown flag: --" + name);
  }

  private void set(int index, String text) throws UsageException {
    Flag flag = flags.get(index);
    try {
      store(index, flag, text);
    } catch (UsageException e) {
      throw new UsageException(
          "invalid argument "
              + Values.quote(text)
              + " for --"
              + flag.name()
              + ": "
              + e.getMessage());
    }
    if (!flag.deprecation().isEmpty()) {
      notices.add("Flag --" + flag.name() + " has been deprecated, " + flag.deprecation());
    }
  }

  private void store(int index, Flag flag, String text) throws UsageException {
    List<String> given = values.get(index);
    switch (flag.kind()) {
      case BOOL -> accept(flag, given, Values.bool(text) ? "true" : "false");
      case TEXT, REPEATED -> accept(flag, given, text);
      case LIST -> {
        for (String part : split(text, ',')) {
          accept(flag, given, part);
        }
      }
      case DIRECTORY -> {
        if (text.isEmpty()) {
          throw new UsageException("\"\" is not a valid directory");
        }
        accept(flag, given, Path.of(text).toAbsolutePath().normalize().toString());
      }
      case DURATION -> {
        Values.duration(text);
        accept(flag, given, text);
      }
      case PAIR -> {
        checkPair(flag, given, text);
        accept(flag, given, text);
      }
      case CHOICES -> addChoices(flag, given, text);
    }
  }

  private void accept(Flag flag, List<String> given, String value) throws UsageException {
    AppFlagListener told = listener;
    if (flag.perApp() && told != null) {
      told.appFlag(flag, value);
    }
    given.add(value);
  }

  /** Keys are unique pod-wide; for a per-app flag the listener judges, app by app. */
  private static void checkPair(Flag flag, List<String> given, String text) throws UsageException {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new UsageException("must be specified as key=value");
    }
    if (flag.perApp()) {
      return;
    }
    String key = text.substring(0, equals + 1);
    for (int i = 0; i < given.size(); i++) {
      if (given.get(i).startsWith(key)) {
        throw new UsageException("key " + Values.quote(text.substring(0, equals)) + " already set");
      }
    }
  }

  private static void addChoices(Flag flag, List<String> given, String text) throws UsageException {
    if (text.isEmpty()) {
      return;
    }
    List<String> permissible = split(flag.choices(), ',');
    for (String part : split(text, ',')) {
      String choice = part.toLowerCase(java.util.Locale.ROOT);
      if (!permissible.contains(choice)) {
        throw new UsageException("unknown option " + Values.quote(choice));
      }
      if (given.contains(choice)) {
        throw new UsageException("duplicated option " + Values.quote(choice));
      }
      given.add(choice);
    }
  }

  /** Splits at every separator, keeping empty parts. */
  public static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>(4);
    int from = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || text.charAt(i) == separator) {
        parts.add(text.substring(from, i));
        from = i + 1;
      }
    }
    return parts;
  }
}
