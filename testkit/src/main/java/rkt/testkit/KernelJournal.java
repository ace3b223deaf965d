package rkt.testkit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rkt.os.OsException;

/** The calls a {@link RecordingKernel} received, and those it shall refuse. */
public final class KernelJournal {
  private final List<KernelCall> calls = new ArrayList<>();
  private final List<Failure> failures = new ArrayList<>();
  private int killedAfter = Integer.MAX_VALUE;
  private int counted;

  /**
   * Stands for {@code kill -9} in a test: unlike any exception it must never be caught by the code
   * under test, and every later call of that code throws it again, so that no clean-up happens.
   */
  public static final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed(KernelCall call) {
      super("killed before " + call);
    }
  }

  private static final class Failure {
    final String name;
    final String argument;
    final int errno;
    int skip;
    int left;

    Failure(String name, String argument, int skip, int times, int errno) {
      this.name = name;
      this.argument = argument;
      this.skip = skip;
      this.left = times;
      this.errno = errno;
    }

    boolean strikes(KernelCall call) {
      if (left == 0 || !call.name().equals(name)) {
        return false;
      }
      if (!argument.isEmpty() && !call.arguments().contains(argument)) {
        return false;
      }
      if (skip > 0) {
        skip--;
        return false;
      }
      left--;
      return true;
    }
  }

  KernelJournal() {}

  void record(String name, @Nullable Object... arguments) throws OsException {
    KernelCall call = note(name, arguments);
    for (Failure failure : failures) {
      if (failure.strikes(call)) {
        throw new OsException(name, String.join(" ", call.arguments()), failure.errno);
      }
    }
  }

  KernelCall note(String name, @Nullable Object... arguments) {
    List<String> texts = new ArrayList<>(arguments.length);
    for (@Nullable Object argument : arguments) {
      texts.add(String.valueOf(argument));
    }
    KernelCall call = new KernelCall(name, texts);
    if (counted >= killedAfter) {
      throw new Killed(call);
    }
    counted++;
    calls.add(call);
    return call;
  }

  /** Every later call with this name fails. */
  public void fail(String name, int errno) {
    failures.add(new Failure(name, "", 0, Integer.MAX_VALUE, errno));
  }

  /** Every later call with this name and, among its arguments, this one fails. */
  public void fail(String name, String argument, int errno) {
    failures.add(new Failure(name, argument, 0, Integer.MAX_VALUE, errno));
  }

  /**
   * One later call with this name fails.
   *
   * @param skip how many of them succeed before
   */
  public void failOnce(String name, int skip, int errno) {
    failures.add(new Failure(name, "", skip, 1, errno));
  }

  /** Lets so many more calls through; then the code under test is {@link Killed}. */
  public void killAfter(int more) {
    killedAfter = counted + more;
  }

  /** Lets calls through again: the next process looks at what the killed one left. */
  public void revive() {
    killedAfter = Integer.MAX_VALUE;
  }

  /** All calls, in order. */
  public List<KernelCall> calls() {
    return List.copyOf(calls);
  }

  /** The calls with this name, in order. */
  public List<KernelCall> calls(String name) {
    List<KernelCall> named = new ArrayList<>();
    for (KernelCall call : calls) {
      if (call.name().equals(name)) {
        named.add(call);
      }
    }
    return named;
  }

  /** The calls with one of these names as text, or all when none is named. */
  public List<String> texts(String... names) {
    List<String> wanted = List.of(names);
    List<String> texts = new ArrayList<>();
    for (KernelCall call : calls) {
      if (wanted.isEmpty() || wanted.contains(call.name())) {
        texts.add(call.toString());
      }
    }
    return texts;
  }

  /** Forgets the calls, not what shall fail. */
  public void clear() {
    calls.clear();
  }
}
