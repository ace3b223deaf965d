package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessesTest {
  private final Kernel kernel = Kernel.linux();
  private final Processes processes = new Processes(kernel);

  @Test
  void parsesAHostileName() {
    String stat =
        "42 (a) S 1 (b)) Z 7 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 0 0 18446744073709";
    assertThat(Processes.parseStat(42, stat))
        .contains(new Processes.Status(42, "a) S 1 (b)", 'Z', 7, 987654));
    assertThat(Processes.parseStat(42, stat).orElseThrow().isRunning()).isFalse();
    assertThat(Processes.parseStat(42, "")).isEmpty();
    assertThat(Processes.parseStat(42, "42 (x)")).isEmpty();
    assertThat(Processes.parseStat(42, "42 (x) S 1 2 3")).isEmpty();
  }

  @Test
  void seesChildren() throws Exception {
    ProcessBuilder builder = new ProcessBuilder("sleep", "60");
    builder.environment().clear();
    builder.environment().put("RKT_TEST", "a=b");
    Process sleeper = builder.start();
    try {
      int pid = (int) sleeper.pid();
      assertThat(processes.exists(pid)).isTrue();
      assertThat(processes.childrenOf(kernel.getpid())).contains(pid);
      assertThat(processes.startTime(pid)).isPresent();
      assertThat(processes.namespace(pid, "pid"))
          .isPresent()
          .isEqualTo(processes.namespace(kernel.getpid(), "pid"));
      // Until the child has executed the program, these are still the JVM's.
      while (!processes.comm(pid).orElse("").equals("sleep")) {
        Thread.onSpinWait();
      }
      assertThat(processes.environment(pid)).containsEntry("RKT_TEST", "a=b");
      assertThat(processes.arguments(pid)).containsExactly("sleep", "60");
    } finally {
      sleeper.destroyForcibly().waitFor();
    }
    assertThat(processes.exists((int) sleeper.pid())).isFalse();
    assertThat(processes.environment((int) sleeper.pid())).isEmpty();
  }
}
