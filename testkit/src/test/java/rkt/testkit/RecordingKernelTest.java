package rkt.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.OsException;

class RecordingKernelTest {
  private final RecordingKernel kernel = new RecordingKernel();
  private final KernelJournal journal = kernel.journal();

  @TempDir Path dir;

  private static final byte[] NEW = "new".getBytes(StandardCharsets.UTF_8);

  @Test
  void recordsMountsWithoutMaking() throws Exception {
    kernel.unshare(Consts.CLONE_NEWNS);
    kernel.mount("proc", "/nowhere/proc", "proc", Consts.MS_NOSUID, null);
    kernel.execve("/nowhere/program", new String[] {"a", "b"}, new String[] {});

    assertThat(journal.texts())
        .containsExactly(
            "unshare(131072)",
            "mount(proc, /nowhere/proc, proc, 2, null)",
            "execve(/nowhere/program, [a, b], [])");
  }

  @Test
  void keepsAttributesThatNeedRoot() throws Exception {
    try (Fd fd = Fd.directory(kernel, dir.toString())) {
      kernel.fsetxattr(fd.number(), "trusted.overlay.opaque", new byte[] {'y'}, 0);
      assertThat(kernel.lgetxattr(dir.toString(), "trusted.overlay.opaque")).containsExactly('y');
      assertThat(kernel.fgetxattr(fd.number(), "trusted.other")).isNull();
      assertThat(kernel.flistxattr(fd.number())).containsExactly("trusted.overlay.opaque");
    }
    assertThat(kernel.openDescriptors()).isEmpty();
  }

  @Test
  void failsOnDemand() throws Exception {
    journal.failOnce("fsync", 1, Errno.ENOSPC);
    Path file = dir.resolve("f");

    // The file, then its directory, which is the one to fail: the file is there, but not durably.
    assertThatThrownBy(() -> AtomicFiles.writeAtomically(kernel, file, NEW, 0644))
        .isInstanceOf(OsException.class)
        .hasMessageContaining("No space left on device");
    assertThat(kernel.openDescriptors()).isEmpty();

    AtomicFiles.writeAtomically(kernel, file, NEW, 0644);
    assertThat(file).hasBinaryContent(NEW);
  }

  @Test
  void killsBetweenAnyTwoSteps() throws Exception {
    Path file = dir.resolve("f");
    byte[] old = "old".getBytes(StandardCharsets.UTF_8);
    boolean done = false;
    for (int step = 0; !done; step++) {
      Files.write(file, old);
      journal.killAfter(step);
      try {
        AtomicFiles.writeAtomically(kernel, file, NEW, 0644);
        done = true;
      } catch (KernelJournal.Killed e) {
        // As intended: now look at what is there.
      }
      journal.revive();
      kernel.closeOpenDescriptors();
      assertThat(Files.readString(file)).as("killed at step %d", step).isIn("old", "new");
    }
    assertThat(Files.readString(file)).isEqualTo("new");
  }
}
