package rkt.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The built rkt with a data directory and configuration of its own. Closing it runs {@code gc}
 * until nothing is left, fails the test if something stays behind, and deletes the directories.
 */
public final class Rkt implements AutoCloseable {
  /** The root of the repo. */
  public static final Path ROOT = Path.of(System.getProperty("rkt.root", ".")).toAbsolutePath();

  private static final Path BINARY = ROOT.resolve("build/rkt/bin/rkt");
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final Path home;
  private final List<Running> started = new ArrayList<>();
  private final Map<String, String> environment = new TreeMap<>();

  /** A fresh rkt; skips the test when the machine cannot run pods. */
  public Rkt() {
    assumeTrue(isRoot(), "not root: pods need namespaces, mounts and cgroups");
    assumeTrue(
        Boolean.getBoolean("rkt.isolated"), "not in a network namespace of its own; use ./check");
    assumeTrue(Files.isExecutable(BINARY), "build/rkt is not built; run ./quickstart first");
    try {
      Path parent = Files.createDirectories(ROOT.resolve("build/tests"));
      home = Files.createTempDirectory(parent, "t");
      for (String each : List.of("local", "system", "user")) {
        Files.createDirectory(home.resolve(each));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a command left: its exit code and what it wrote. */
  public record Result(int exit, String out, String err) {
    /** Standard output, then standard error. */
    public String all() {
      return out + err;
    }

    /** This result, after checking that the command succeeded. */
    public Result ok() {
      return exited(0);
    }

    /** This result, after checking the exit code; a failure shows everything the command wrote. */
    public Result exited(int code) {
      if (exit != code) {
        throw new AssertionError(
            "exit code " + exit + " instead of " + code + "\nstdout: " + out + "\nstderr: " + err);
      }
      return this;
    }
  }

  public Path home() {
    return home;
  }

  public Path data() {
    return home.resolve("data");
  }

  /** The local configuration directory ({@code --local-config}). */
  public Path config() {
    return home.resolve("local");
  }

  /** Adds a variable to the environment of every later command. */
  public Rkt env(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** The command line: the binary, the directories of this test, then the arguments. */
  public List<String> command(String... args) {
    List<String> out = new ArrayList<>();
    out.add(BINARY.toString());
    out.add("--dir=" + data());
    out.add("--local-config=" + home.resolve("local"));
    out.add("--system-config=" + home.resolve("system"));
    out.add("--user-config=" + home.resolve("user"));
    out.addAll(Arrays.asList(args));
    return out;
  }

  /** Runs a command to its end, with nothing on standard input. */
  public Result run(String... args) {
    return start(args).await();
  }

  /** Runs with {@code --insecure-options=image,http}, which unsigned images need. */
  public Result insecure(String... args) {
    return startInsecure(args).await();
  }

  /** Starts {@code --insecure-options=image,http ARGS}. */
  public Running startInsecure(String... args) {
    String[] all = new String[args.length + 1];
    all[0] = "--insecure-options=image,http";
    System.arraycopy(args, 0, all, 1, args.length);
    return start(all);
  }

  /** Starts a command and returns at once. */
  public Running start(String... args) {
    return startBy(List.of(), args);
  }

  /** The same by way of a program that runs the command it gets as its last arguments. */
  public Running startBy(List<String> program, String... args) {
    List<String> all = new ArrayList<>(program);
    all.addAll(command(args));
    try {
      ProcessBuilder builder =
          new ProcessBuilder(all)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      builder.environment().putAll(environment);
      Running running = new Running(builder.start());
      started.add(running);
      return running;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Any command of the machine, to its end. */
  public static Result exec(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      return new Running(process).await();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** Waits until the condition holds; a bounded wait, so that a defect fails instead of hanging. */
  public static void waitFor(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain for: " + what);
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** The UUIDs that {@code list --full} shows, in its order. */
  public List<String> pods() {
    List<String> out = new ArrayList<>();
    for (String line : run("list", "--full", "--no-legend").ok().out().split("\n")) {
      if (!line.isBlank() && !Character.isWhitespace(line.charAt(0))) {
        out.add(line.split("\t")[0].trim());
      }
    }
    return out;
  }

  /** Value of {@code KEY=} in {@code rkt status UUID}, or the empty string. */
  public String status(String uuid, String key) {
    for (String line : run("status", uuid).ok().out().split("\n")) {
      if (line.startsWith(key + "=")) {
        return line.substring(key.length() + 1);
      }
    }
    return "";
  }

  @Override
  public void close() {
    try {
      for (Running each : started) {
        each.end();
      }
      run("gc", "--grace-period=0s", "--expire-prepared=0s");
      if (hasPods()) {
        run("gc", "--grace-period=0s", "--expire-prepared=0s");
      }
      Leftovers.assertNone(home);
    } finally {
      exec("rm", "-rf", "--one-file-system", home.toString());
    }
  }

  /** Whether there is a pod in any state; a first gc may only have marked it. */
  private boolean hasPods() {
    File[] states = data().resolve("pods").toFile().listFiles();
    for (File state : states == null ? new File[0] : states) {
      String[] pods = state.list();
      if (pods != null && pods.length > 0) {
        return true;
      }
    }
    return false;
  }

  /** A command under way. */
  public static final class Running {
    private final Process process;
    private final Reader out;
    private final Reader err;

    Running(Process process) {
      this.process = process;
      out = new Reader(process.getInputStream());
      err = new Reader(process.getErrorStream());
    }

    public long pid() {
      return process.pid();
    }

    public boolean isAlive() {
      return process.isAlive();
    }

    /** What it has written to standard output so far. */
    public String output() {
      return out.soFar();
    }

    /** What it has written to standard error so far. */
    public String errors() {
      return err.soFar();
    }

    /** Sends a signal by name, such as {@code TERM}. */
    public void signal(String name) {
      exec("kill", "-" + name, Long.toString(process.pid()));
    }

    /**
     * Waits for its end and gives everything; a command that does not end is killed and fails the
     * test.
     */
    public Result await() {
      try {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new AssertionError("did not end in " + LIMIT + "; wrote:\n" + output() + errors());
        }
        return new Result(process.exitValue(), out.all(), err.all());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }

    private void end() {
      // Whoever it has started, too: it could not take them along.
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      try {
        process.waitFor(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Drains a stream on its own thread, so that a chatty command never blocks. */
  private static final class Reader {
    private final StringBuffer text = new StringBuffer();
    private final Thread thread;

    Reader(InputStream in) {
      thread =
          Thread.ofVirtual()
              .start(() -> {
                byte[] buffer = new byte[8192];
                try (in) {
                  for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    text.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
                  }
                } catch (IOException e) {
                  text.append("\n[stream ended: ").append(e.getMessage()).append("]\n");
                }
              });
    }

    String soFar() {
      return text.toString();
    }

    String all() throws InterruptedException {
      thread.join(LIMIT);
      return text.toString();
    }
  }
}
