package rkt.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import rkt.cli.grammar.FlagSet;
import rkt.cli.render.PlainText;
import rkt.pod.Reporter;

/**
 * Standard output and standard error of one command.
 *
 * <p>Output is collected and written in few large writes; before every line on standard error it is
 * flushed, so that both appear in the order in which they were said. {@code System.out} is avoided:
 * it brings a charset encoder, a print stream and a lock to every start-up. The methods of {@link
 * Reporter} may be called from several threads (parallel layer downloads), hence the
 * synchronization.
 */
public final class Console implements Reporter {
  /** Exit status of a program that standard output's reader left, as the shell reports SIGPIPE. */
  static final int BROKEN_PIPE_STATUS = 141;

  private static final int WRITE_AT = 1 << 15;

  /** Back to the first column and clear the line (ECMA-48 EL). */
  private static final String WIPE = "\r\u001b[K";

  private final OutputStream out;
  private final OutputStream err;
  private StringBuilder pending = new StringBuilder(512);
  private String prefix = "rkt";
  private boolean debugging;
  private boolean brokenPipe;
  private boolean fleetingShown;
  private boolean outFailed;

  Console(OutputStream out, OutputStream err) {
    this.out = out;
    this.err = err;
  }

  static Console standard() {
    return new Console(
        new FileOutputStream(FileDescriptor.out), new FileOutputStream(FileDescriptor.err));
  }

  /**
   * Begins, or goes on after more flags were read.
   *
   * @param leaf the command's name, which begins every line on standard error
   */
  public synchronized void begin(String leaf, FlagSet flags) {
    prefix = leaf;
    debugging = flags.on("debug");
    for (String notice : flags.takeNotices()) {
      bare(notice);
    }
  }

  /** Shows a line on standard error that the next one overwrites; empty to wipe it. */
  public synchronized void fleeting(String line) {
    flush();
    if (line.isEmpty() && !fleetingShown) {
      return;
    }
    fleetingShown = !line.isEmpty();
    writeError(WIPE + PlainText.of(line));
  }

  /** Writes a line to standard output; the newline is added when missing. */
  @Override
  public synchronized void out(String line) {
    pending.append(line);
    if (line.isEmpty() || line.charAt(line.length() - 1) != '\n') {
      pending.append('\n');
    }
    if (pending.length() >= WRITE_AT) {
      flush();
    }
  }

  /** Writes text to standard output as it is. */
  public synchronized void write(CharSequence text) {
    pending.append(text);
    if (pending.length() >= WRITE_AT) {
      flush();
    }
  }

  /** A line on standard error with the command's prefix. */
  public void note(String line) {
    note("", line);
  }

  @Override
  public synchronized void note(String who, String line) {
    StringBuilder text = new StringBuilder(line.length() + 16);
    String first = who.isEmpty() ? prefix : who;
    text.append(first).append(": ").append(line);
    errorText(text);
  }

  /** A failure the command goes on after, rendered as one that ends it would be. */
  public void problem(String message, @Nullable Throwable cause) {
    note(ErrorText.of(prefix, message, cause, debugging));
  }

  /** A line on standard error without any prefix. */
  public synchronized void bare(String line) {
    errorText(new StringBuilder(line));
  }

  @Override
  public void debug(String who, String line) {
    if (debugging) {
      note(who, line);
    }
  }

  @Override
  public boolean debugging() {
    return debugging;
  }

  String prefix() {
    return prefix;
  }

  private void errorText(StringBuilder text) {
    flush();
    if (text.isEmpty() || text.charAt(text.length() - 1) != '\n') {
      text.append('\n');
    }
    // Messages quote what images and registries call themselves.
    String plain = PlainText.of(text.toString());
    if (fleetingShown) {
      fleetingShown = false;
      plain = WIPE + plain;
    }
    writeError(plain);
  }

  private void writeError(String text) {
    try {
      err.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // Nobody is left to tell.
      return;
    }
  }

  /**
   * Writes what was collected. A failure is remembered for {@link #finish}, and output ends there.
   */
  public synchronized void flush() {
    if (pending.isEmpty() || outFailed) {
      pending.setLength(0);
      return;
    }
    byte[] bytes = pending.toString().getBytes(StandardCharsets.UTF_8);
    pending = new StringBuilder(512);
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException e) {
      outFailed = true;
      String why = String.valueOf(e.getMessage());
      brokenPipe = why.toLowerCase(Locale.ROOT).contains("broken pipe");
      if (!brokenPipe) {
        note("cannot write to standard output: " + why);
      }
    }
  }

  /**
   * Flushes, and says what to exit with: {@code code}, unless the output could not be written. When
   * the reader has gone that is silent.
   */
  int finish(int code) {
    flush();
    if (!outFailed || code != 0) {
      return code;
    }
    return brokenPipe ? BROKEN_PIPE_STATUS : ExitCodes.FAILURE;
  }
}
