package rkt.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Errno;
import rkt.os.OsException;
import rkt.testkit.RecordingKernel;

/** Flushing in the background loses no failure and no descriptor. */
class WritebackTest {
  @TempDir Path temporary;
  private final RecordingKernel kernel = new RecordingKernel();
  private Layout layout;

  @BeforeEach
  void makeStore() throws Exception {
    Path cas = Files.createDirectory(temporary.resolve("cas"));
    layout = new Layout(cas, kernel);
  }

  @Test
  void littleIsLeftToTheEnd() throws Exception {
    try (Writeback writeback = new Writeback(layout)) {
      writeback.wrote(Writeback.STEP - 1);
      writeback.flush();
    }
    assertThat(kernel.journal().calls("syncfs")).hasSize(1);
  }

  @Test
  void everyStepIsFlushedOnTheWay() throws Exception {
    try (Writeback writeback = new Writeback(layout)) {
      writeback.wrote(Writeback.STEP);
      writeback.flush();
    }
    assertThat(kernel.journal().calls("syncfs")).hasSize(2);
    assertThat(kernel.openDescriptors()).isEmpty();
  }

  /** The kernel reports a failed write once per open file: the last flush would know nothing. */
  @Test
  void aFailureOnTheWayFailsTheImport() throws Exception {
    kernel.journal().failOnce("syncfs", 0, Errno.EIO);
    try (Writeback writeback = new Writeback(layout)) {
      writeback.wrote(Writeback.STEP);
      assertThatThrownBy(writeback::flush)
          .isInstanceOfSatisfying(OsException.class, e -> assertThat(e.is(Errno.EIO)).isTrue());
    }
    assertThat(kernel.openDescriptors()).isEmpty();
  }
}
