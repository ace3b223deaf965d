package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;

/**
 * A shell with the launch file as its argument stands for the supervisor; this test holds the pod's
 * lock for it.
 */
class StopperTest {
  @TempDir private Path data;
  private PodStore pods = new PodStore(Path.of("/"), Kernel.linux());

  @BeforeEach
  void open() {
    pods = new PodStore(data, Kernel.linux());
  }

  private Pod running() throws Exception {
    Pod pod = pods.create();
    pod.move(PodDirectory.RUN);
    return pod;
  }

  private static Process process(String argument) throws Exception {
    // The colon keeps the shell from replacing itself by the last command.
    return new ProcessBuilder(List.of("/bin/sh", "-c", "sleep 600; :", argument)).start();
  }

  private static void end(Process process) throws Exception {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
  }

  private StopOutcome stop(Pod pod, boolean force) {
    return new Stopper(pods, Reporter.SILENT).stop(pod.uuid(), force);
  }

  @Test
  void terminatesTheSupervisor() throws Exception {
    try (Pod pod = running()) {
      Process supervisor = process(pod.path().resolve("launch").toString());
      try {
        Files.writeString(pod.path().resolve("supervisor-pid"), supervisor.pid() + "\n");
        List<ProcessHandle> children = supervisor.descendants().toList();
        assertThat(stop(pod, false)).isEqualTo(new StopOutcome.Stopped());
        assertThat(supervisor.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(supervisor.exitValue()).isEqualTo(128 + 15);
        children.forEach(ProcessHandle::destroyForcibly);
      } finally {
        end(supervisor);
      }
    }
  }

  @Test
  void forceKillsIt() throws Exception {
    try (Pod pod = running()) {
      Process supervisor = process(pod.path().resolve("launch").toString());
      try {
        Files.writeString(pod.path().resolve("supervisor-pid"), supervisor.pid() + "\n");
        List<ProcessHandle> children = supervisor.descendants().toList();
        assertThat(stop(pod, true)).isEqualTo(new StopOutcome.Stopped());
        assertThat(supervisor.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(supervisor.exitValue()).isEqualTo(128 + 9);
        children.forEach(ProcessHandle::destroyForcibly);
      } finally {
        end(supervisor);
      }
    }
  }

  @Test
  void neverSignalsAProcessThatIsNotTheSupervisor() throws Exception {
    try (Pod pod = running()) {
      Process stranger = process("something else");
      try {
        Files.writeString(pod.path().resolve("supervisor-pid"), stranger.pid() + "\n");
        assertThat(Supervisor.of(pod, pods.files(), Kernel.linux())).isNull();
        assertThat(stranger.isAlive()).isTrue();
      } finally {
        end(stranger);
      }
    }
  }

  @Test
  void aDeadPodsPidFileIsNotBelieved() throws Exception {
    Pod pod = running();
    Process reused = process(pod.path().resolve("launch").toString());
    try {
      Files.writeString(pod.path().resolve("supervisor-pid"), reused.pid() + "\n");
      pod.close();
      assertThat(new Stopper(pods, Reporter.SILENT).stop(pod.uuid(), true))
          .isEqualTo(new StopOutcome.AlreadyStopped());
      assertThat(reused.isAlive()).isTrue();
    } finally {
      end(reused);
    }
  }

  @Test
  void aPodThatDoesNotRunIsNotStopped() throws Exception {
    try (Pod pod = pods.create()) {
      assertThat(stop(pod, false)).isEqualTo(new StopOutcome.NotRunning());
      pod.move(PodDirectory.PREPARED);
      assertThat(stop(pod, false)).isEqualTo(new StopOutcome.NotRunning());
      pod.move(PodDirectory.RUN);
      pod.unlock();
      assertThat(stop(pod, false)).isEqualTo(new StopOutcome.AlreadyStopped());
    }
  }
}
