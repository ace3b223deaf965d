package rkt.cli;

/**
 * Process entry. Ends with {@link Runtime#halt}: no shutdown hook exists, and the orderly way down
 * costs several milliseconds of every command.
 */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    String script = System.getProperty("rkt.train");
    if (script != null) {
      Training.rehearse(script);
      return;
    }
    Runtime.getRuntime().halt(run(args, false));
  }

  /** Runs one command line on the process's own streams. */
  static int run(String[] args, boolean training) {
    Console console = Console.standard();
    int code = new Program(console, training).run(java.util.List.of(args));
    return console.finish(code);
  }
}
