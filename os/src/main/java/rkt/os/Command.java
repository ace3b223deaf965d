package rkt.os;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Another program, run to its end with its output captured. It starts in the namespaces of the
 * calling thread.
 *
 * @param arguments the program, by absolute path or searched in PATH, and its arguments
 * @param environment all of its environment: nothing is inherited
 */
public record Command(List<String> arguments, Map<String, String> environment) {
  /** The search path given to programs unless the caller decides otherwise. */
  public static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  public Command {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
  }

  /** A command that sees nothing but {@link #DEFAULT_PATH}. */
  public static Command of(String... arguments) {
    return new Command(List.of(arguments), Map.of("PATH", DEFAULT_PATH));
  }

  /**
   * How it ended.
   *
   * @param status its exit status, or 128 plus the signal that killed it
   * @param output what it wrote to standard output
   * @param errors what it wrote to standard error
   */
  public record Result(int status, String output, String errors) {
    public boolean succeeded() {
      return status == 0;
    }
  }

  /** Runs it with an empty standard input. A program that cannot be started is an exception. */
  public Result run() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(arguments);
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      // Both streams at once, or a program that fills the pipe of one while we read the other
      // hangs.
      Collector errors = new Collector(process.getErrorStream());
      Thread reader = Thread.ofPlatform().daemon().name("stderr").start(errors);
      byte[] output = process.getInputStream().readAllBytes();
      reader.join();
      int status = process.waitFor();
      return new Result(status, text(output), text(errors.bytes));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OsException("wait", arguments.getFirst(), Errno.EINTR);
    } finally {
      // Only after a failure above is there anything left to end.
      process.destroyForcibly();
    }
  }

  private static String text(byte[] b) {
    return new String(b, StandardCharsets.UTF_8);
  }

  private static final class Collector implements Runnable {
    private final InputStream stream;
    private byte[] bytes = new byte[0];

    Collector(InputStream stream) {
      this.stream = stream;
    }

    @Override
    public void run() {
      try {
        bytes = stream.readAllBytes();
      } catch (IOException e) {
        bytes =
            ("(standard error is lost: " + e.getMessage() + ")").getBytes(StandardCharsets.UTF_8);
      }
    }
  }
}
