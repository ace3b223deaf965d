package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLockTest {
  private final Kernel kernel = Kernel.linux();

  @TempDir Path dir;

  /** Another process: takes the lock, says so, and holds it until its input ends. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws Exception {
      try (FileLock lock = FileLock.exclusive(Kernel.linux(), Path.of(arguments[0]))) {
        System.out.println("locked " + lock.fd().isOpen());
        System.out.flush();
        int end = System.in.read();
        System.out.println("ending " + end);
      }
    }
  }

  @Test
  void excludesAnotherProcessUntilItDies() throws Exception {
    Process holder =
        OtherJvm.command(Holder.class, dir.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = holder.inputReader()) {
      assertThat(output.readLine()).isEqualTo("locked true");
      assertThat(FileLock.tryShared(kernel, dir)).isEmpty();
      assertThat(FileLock.tryExclusive(kernel, dir)).isEmpty();
      holder.destroyForcibly();
      // Waits for the kernel to drop the lock of the killed process: no polling.
      try (FileLock lock = FileLock.exclusive(kernel, dir)) {
        assertThat(lock.fd().isOpen()).isTrue();
      }
    } finally {
      holder.destroyForcibly().waitFor();
    }
  }

  @Test
  void sharedLocksShare() throws Exception {
    try (FileLock one = FileLock.shared(kernel, dir);
        FileLock two = FileLock.tryShared(kernel, dir).orElseThrow()) {
      assertThat(one.tryToExclusive()).isFalse();
      assertThat(FileLock.tryExclusive(kernel, dir)).isEmpty();
      two.release();
      assertThat(FileLock.tryExclusive(kernel, dir).isPresent() || one.tryToExclusive()).isTrue();
    }
  }

  @Test
  void releaseReachesDuplicates() throws Exception {
    FileLock lock = FileLock.exclusive(kernel, dir);
    int duplicate = kernel.dup(lock.fd().number());
    lock.close();
    assertThat(FileLock.tryShared(kernel, dir)).as("the duplicate keeps it").isEmpty();
    FileLock adopted = FileLock.lock(kernel, new Fd(kernel, duplicate), true);
    int another = kernel.dup(adopted.fd().number());
    adopted.release();
    try (FileLock free = FileLock.tryExclusive(kernel, dir).orElseThrow()) {
      assertThat(free.fd().number()).isNotEqualTo(another);
    }
    kernel.close(another);
  }

  @Test
  void keyFileThatWasReplacedIsLockedAnew() throws Exception {
    Path key = dir.resolve("key");
    FileLock old = FileLock.keyExclusive(kernel, key);
    CountDownLatch started = new CountDownLatch(1);
    FutureTask<Boolean> waiter =
        new FutureTask<>(() -> {
          started.countDown();
          try (FileLock lock = FileLock.keyExclusive(kernel, key)) {
            return lock.fd().isOpen()
                && kernel
                    .fstat(lock.fd().number())
                    .sameFile(kernel.fstatat(Consts.AT_FDCWD, key.toString(), 0));
          }
        });
    Thread thread = new Thread(waiter);
    thread.start();
    started.await();
    // Whether the waiter has opened the old file by now or not, it must end up on the new one.
    Files.delete(key);
    old.close();
    assertThat(waiter.get()).isTrue();
    thread.join();
  }

  @Test
  void goneWhileWaitingIsSaid() throws Exception {
    Path pod = Files.createDirectory(dir.resolve("pod"));
    try (FileLock lock = FileLock.exclusive(kernel, pod)) {
      Files.move(pod, dir.resolve("moved"));
      assertThatThrownBy(() -> FileLock.tryShared(kernel, pod))
          .isInstanceOf(OsException.class)
          .hasMessageEndingWith("No such file or directory");
      assertThat(lock.fd().isOpen()).isTrue();
    }
  }

  @Test
  void linksAreNotFollowed() throws Exception {
    Path target = Files.createFile(dir.resolve("target"));
    Path link = Files.createSymbolicLink(dir.resolve("link"), target);
    assertThatThrownBy(() -> FileLock.keyExclusive(kernel, link))
        .isInstanceOf(OsException.class)
        .extracting("errno")
        .isEqualTo(Errno.ELOOP);
  }
}
