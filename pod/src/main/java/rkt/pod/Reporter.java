package rkt.pod;

/**
 * Where the engine speaks to the user while it works. {@code who} is the prefix of the line ({@code
 * stage0}, {@code image}, ...); an empty one means the command that runs.
 */
public interface Reporter {
  /** A line for standard output. */
  void out(String line);

  /** A line for standard error. */
  void note(String who, String line);

  /** A line for standard error, shown with {@code --debug} only. */
  void debug(String who, String line);

  boolean debugging();

  /** Says nothing. */
  Reporter SILENT =
      new Reporter() {
        @Override
        public void out(String line) {}

        @Override
        public void note(String who, String line) {}

        @Override
        public void debug(String who, String line) {}

        @Override
        public boolean debugging() {
          return false;
        }
      };
}
