package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A JVM becomes another program: the hand-over that {@code rkt run} ends with. */
class ExecveTest {
  private static final Kernel KERNEL = Kernel.linux();

  /** Runs in another JVM, as {@code rkt run} would: from a thread that is not the main one. */
  static final class Successor {
    private Successor() {}

    public static void main(String[] arguments) throws Exception {
      Thread thread =
          new Thread(() -> {
            try {
              int kept = KERNEL.open("/dev/null", Consts.O_RDONLY, 0);
              KERNEL.setSubreaper();
              KERNEL.closeRangeCloexec(3);
              KERNEL.setCloexec(kept, false);
              KERNEL.resetSignals();
              String script =
                  "echo $$ $KEPT $NAME; ls /proc/$$/fd; ls /proc/$$/task | wc -l;"
                      + " exec grep -E '^Sig(Blk|Ign)' /proc/self/status";
              KERNEL.execve(
                  "/bin/sh",
                  new String[] {"sh", "-c", script},
                  new String[] {"KEPT=" + kept, "NAME=漢", "PATH=/usr/bin:/bin"});
            } catch (OsException e) {
              System.out.println(e.getMessage());
              Runtime.getRuntime().halt(1);
            }
          });
      thread.start();
      thread.join();
    }
  }

  private static List<String> run(ProcessBuilder builder) throws Exception {
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process.getOutputStream().close();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertThat(process.waitFor()).as("%s", lines).isZero();
    assertThat(lines.getFirst()).startsWith(process.pid() + " ");
    return lines;
  }

  /** Without 32 and 33, which posix_spawn of glibc ignores in whatever this JVM starts. */
  private static long ignored(List<String> lines) {
    return Long.parseLong(lines.get(7).replaceAll("SigIgn:\\s+", ""), 16) & 0x7fffffffL;
  }

  @Test
  void keepsPidAndChosenDescriptorsOnly() throws Exception {
    List<String> lines = run(OtherJvm.command(Successor.class));
    String[] first = lines.getFirst().split(" ", -1);
    assertThat(first[2]).isEqualTo("漢");
    assertThat(lines.subList(1, 5)).containsExactlyInAnyOrder("0", "1", "2", first[1]);
    assertThat(lines.get(5)).as("threads").isEqualTo("1");
    assertThat(lines.get(6)).matches("SigBlk:\\s+0+");
    assertThat(ignored(lines)).isZero();
  }

  @Test
  void ignoredSignalsStayIgnored() throws Exception {
    ProcessBuilder java = OtherJvm.command(Successor.class);
    java.command().addAll(0, List.of("/bin/sh", "-c", "trap '' HUP USR1; exec \"$@\"", "sh"));
    List<String> lines = run(java);
    long ignored = ignored(lines);
    assertThat(ignored & 1L << (Consts.SIGHUP - 1)).as("SIGHUP, as nohup sets it").isNotZero();
    assertThat(ignored & 1L << (Consts.SIGUSR1 - 1)).as("SIGUSR1").isNotZero();
  }

  @Test
  void returnsWithTheReason() {
    assertThatThrownBy(() -> KERNEL.execve("/no/such", new String[] {"x"}, new String[0]))
        .hasMessage("execve /no/such: No such file or directory");
    assertThatThrownBy(() -> KERNEL.execve("/", new String[] {"x"}, new String[0]))
        .hasMessage("execve /: Permission denied");
  }
}
