package rkt.os;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

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

  /**
   * Runs a program that is not trusted to end or to be brief. When it does not end in time it is
   * killed with its children.
   *
   * @param input what it finds on standard input; less than a pipe holds (64 KiB)
   * @param most bytes it may write to standard output, and to standard error
   * @throws IOException when it cannot be started, runs for too long or writes too much; the
   *     message tells nothing of what it wrote
   */
  public Result run(byte[] input, int most, Duration limit) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(arguments);
    builder.environment().clear();
    builder.environment().putAll(environment);
    long end = System.nanoTime() + limit.toNanos();
    Process process = builder.start();
    try {
      Bounded output = Bounded.start(process.getInputStream(), most);
      Bounded errors = Bounded.start(process.getErrorStream(), most);
      try (OutputStream in = process.getOutputStream()) {
        in.write(input);
      } catch (IOException e) {
        // It does not want to know; its exit status tells whether that is a failure.
      }
      // A grandchild may hold a pipe open after the program has ended.
      if (!process.waitFor(left(end), TimeUnit.NANOSECONDS)
          || !output.ended(left(end))
          || !errors.ended(left(end))) {
        throw new IOException("it did not end within " + limit.toMillis() + " ms and was killed");
      }
      if (output.tooMuch || errors.tooMuch) {
        throw new IOException("it wrote more than " + most + " bytes");
      }
      return new Result(process.exitValue(), text(output.bytes), text(errors.bytes));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OsException("wait", arguments.getFirst(), Errno.EINTR);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static long left(long end) {
    return Math.max(0, end - System.nanoTime());
  }

  /** Reads one stream to its end, or until it has been too much. */
  private static final class Bounded implements Runnable {
    private final InputStream stream;
    private final int most;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile byte[] bytes = new byte[0];
    private volatile boolean tooMuch;

    private Bounded(InputStream stream, int most) {
      this.stream = stream;
      this.most = most;
    }

    static Bounded start(InputStream stream, int most) {
      Bounded bounded = new Bounded(stream, most);
      // Daemon: a grandchild that keeps the pipe open must not keep us alive.
      Thread.ofPlatform().daemon().name("helper-output").start(bounded);
      return bounded;
    }

    @Override
    public void run() {
      try (stream) {
        byte[] read = stream.readNBytes(most + 1);
        tooMuch = read.length > most;
        bytes = read;
      } catch (IOException e) {
        // The program was killed; that is reported.
      } finally {
        over.countDown();
      }
    }

    boolean ended(long nanos) throws InterruptedException {
      return over.await(nanos, TimeUnit.NANOSECONDS);
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
