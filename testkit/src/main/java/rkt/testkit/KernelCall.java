package rkt.testkit;

import java.util.List;

/**
 * One call a {@link RecordingKernel} received.
 *
 * @param name the method of {@link rkt.os.Kernel}
 * @param arguments as text: byte arrays as their length, arrays as {@code [a, b]}, null as {@code
 *     null}
 */
public record KernelCall(String name, List<String> arguments) {
  public KernelCall {
    arguments = List.copyOf(arguments);
  }

  /** For assertions and failure messages: {@code mount(proc, /x/proc, proc, 14, null)}. */
  @Override
  public String toString() {
    return name + "(" + String.join(", ", arguments) + ")";
  }
}
