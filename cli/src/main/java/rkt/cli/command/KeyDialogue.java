package rkt.cli.command;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import rkt.cli.Console;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.trust.KeyReview;

/** Shows keys and asks about them at the terminal. */
final class KeyDialogue implements KeyReview.Reviewer {
  private static final int LONGEST_ANSWER = 1024;

  private final Console console;
  private final boolean onOutput;
  private boolean ended;

  /**
   * @param onOutput whether the keys are the command's output; where an image ID is, they go to
   *     standard error like everything else that is said on the way
   */
  KeyDialogue(Console console, boolean onOutput) {
    this.console = console;
    this.onOutput = onOutput;
  }

  @Override
  public void out(String line) {
    if (onOutput) {
      console.out(line);
    } else {
      console.bare(line);
    }
  }

  @Override
  public void note(String line) {
    console.note("pubkey", line);
  }

  @Override
  public boolean isInteractive() {
    Kernel kernel = Kernel.linux();
    return kernel.isatty(0) && kernel.isatty(2);
  }

  @Override
  public String ask(String question) throws EngineException {
    console.prompt(question + " ");
    StringBuilder answer = new StringBuilder();
    // Not closed: it is the process's own.
    @SuppressWarnings("resource")
    InputStream in = new FileInputStream(FileDescriptor.in);
    byte[] one = new byte[1];
    try {
      while (in.read(one) == 1) {
        if (one[0] == '\n') {
          return answer.toString();
        }
        if (answer.length() < LONGEST_ANSWER) {
          answer.append(new String(one, StandardCharsets.ISO_8859_1));
        }
      }
    } catch (IOException e) {
      throw new EngineException(
          ErrorCode.SYSTEM, "error reviewing key", String.valueOf(e.getMessage()), "", e);
    }
    ended = true;
    return answer.toString();
  }

  @Override
  public boolean inputEnded() {
    return ended;
  }
}
