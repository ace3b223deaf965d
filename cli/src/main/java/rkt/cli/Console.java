package rkt.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import rkt.cli.grammar.FlagSet;
import rkt.cli.render.PlainText;
import rkt.pod.Reporter;
import rkt.schema.json.JsonWriter;

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

  /** Clears the rest of the line, and from the cursor to the end of the screen (ECMA-48 EL, ED). */
  private static final String CLEAR_LINE = "\u001b[K";

  private static final String CLEAR_BELOW = "\u001b[J";

  private final OutputStream out;
  private final OutputStream err;
  private StringBuilder pending = new StringBuilder(512);
  private String prefix = "rkt";
  private boolean debugging;
  private boolean brokenPipe;
  private boolean framed;

  /** What stands at the bottom of the terminal until it is replaced; the cursor is below it. */
  private List<String> block = List.of();

  private int screenRows;

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

  /**
   * Draws on the terminal that standard error is: lines that stay, and below them a block that the
   * next call replaces. Every other line written meanwhile appears above the block.
   *
   * @param below lines that do not wrap; empty to end the block
   * @param rows of the terminal, beyond which the cursor cannot go up
   */
  public synchronized void live(List<String> lines, List<String> below, int rows) {
    StringBuilder text = new StringBuilder(96 * (lines.size() + below.size() + 1));
    flush();
    screenRows = rows;
    // Overwriting in place flickers less than wiping first.
    toTopOfBlock(text);
    for (String line : lines) {
      text.append(PlainText.cell(line)).append(CLEAR_LINE).append('\n');
    }
    block = List.copyOf(below);
    appendBlock(text);
    writeError(text.append(CLEAR_BELOW).toString());
  }

  private void toTopOfBlock(StringBuilder text) {
    int up = Math.min(block.size(), screenRows - 1);
    if (up > 0) {
      text.append("\r\u001b[").append(up).append('A');
    }
  }

  private void appendBlock(StringBuilder text) {
    for (String line : block) {
      text.append(PlainText.cell(line)).append(CLEAR_LINE).append('\n');
    }
  }

  /** From now on every message on standard error is a JSON object, for programs that read them. */
  public synchronized void frameMessages() {
    framed = true;
  }

  /** Writes a line on standard error as it is, which is one JSON object. */
  public synchronized void event(String json) {
    flush();
    writeError(json + "\n");
  }

  /** Writes a question to standard error, without a line end: the answer follows it. */
  public synchronized void prompt(String text) {
    flush();
    writeError(PlainText.of(text));
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
    if (framed) {
      writeError(frame(text));
      return;
    }
    if (text.isEmpty() || text.charAt(text.length() - 1) != '\n') {
      text.append('\n');
    }
    // Messages quote what images and registries call themselves.
    String plain = PlainText.of(text.toString());
    if (block.isEmpty()) {
      writeError(plain);
      return;
    }
    StringBuilder drawn = new StringBuilder(plain.length() + 96 * (block.size() + 1));
    toTopOfBlock(drawn);
    appendBlock(drawn.append(CLEAR_BELOW).append(plain));
    writeError(drawn.toString());
  }

  private static String frame(CharSequence message) {
    JsonWriter json = JsonWriter.compact().beginObject();
    json.name("event").value("message").name("text").value(message.toString().stripTrailing());
    return PlainText.json(json.endObject().toString()) + "\n";
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
    boolean drawn = !block.isEmpty();
    if (drawn) {
      StringBuilder wipe = new StringBuilder(16);
      toTopOfBlock(wipe);
      writeError(wipe.append(CLEAR_BELOW).toString());
    }
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
    if (drawn) {
      StringBuilder again = new StringBuilder(96 * block.size());
      appendBlock(again);
      writeError(again.toString());
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
