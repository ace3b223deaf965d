package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees that a hostile program leaves behind, or is still changing. */
class RemoveTreeTest {
  private static final int CREATE = Consts.O_CREAT | Consts.O_WRONLY;

  private final Kernel kernel = Kernel.linux();

  @TempDir Path temporary;
  private Fd dir;
  private Path outside;

  @BeforeEach
  void open() throws Exception {
    dir = Fd.directory(kernel, temporary.toString());
    outside = Files.createDirectories(temporary.resolve("outside/sub"));
    Files.createFile(outside.resolve("precious"));
    kernel.mkdirat(dir.number(), "t", 0700);
  }

  @AfterEach
  void close() throws Exception {
    dir.close();
    assertThat(outside.resolve("precious")).exists();
  }

  private void create(String path) throws OsException {
    Fd.openat(kernel, dir.number(), path, CREATE, 0600).close();
  }

  private void removesAll() throws OsException {
    kernel.removeTree(dir.number(), "t");
    assertThat(temporary.resolve("t")).doesNotExist();
  }

  @Test
  void followsNoLinks() throws Exception {
    kernel.symlinkat("../outside", dir.number(), "t/dir");
    kernel.symlinkat(outside.resolve("precious").toString(), dir.number(), "t/file");
    kernel.symlinkat("t/dir", dir.number(), "top");
    kernel.removeTree(dir.number(), "top");
    assertThat(temporary.resolve("t/dir")).exists();
    removesAll();
  }

  @Test
  void removesEveryKindOfFile() throws Exception {
    kernel.mknodat(dir.number(), "t/fifo", Consts.S_IFIFO | 0600, 0, 0);
    create("t/\udcff\udc80 name\n");
    kernel.mkdirat(dir.number(), "t/empty", 0);
    kernel.mkdirat(dir.number(), "t/" + "n".repeat(255), 0700);
    create("t/" + "n".repeat(255) + "/f");
    if (kernel.geteuid() == 0) {
      kernel.mknodat(dir.number(), "t/null", Consts.S_IFCHR | 0600, 0, 0);
    }
    removesAll();
    kernel.removeTree(dir.number(), "t");
    create("plain");
    kernel.removeTree(dir.number(), "plain");
    assertThat(temporary.resolve("plain")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "t/..", "t/", "t/x", "/"})
  void refusesNamesThatAreNotOneEntry(String name) {
    assertThatThrownBy(() -> kernel.removeTree(dir.number(), name))
        .isInstanceOf(OsException.class)
        .hasMessageEndingWith("Invalid argument");
  }

  @Test
  void takesAPathWithoutDirectory() throws Exception {
    create("t/f");
    kernel.removeTree(Consts.AT_FDCWD, temporary.resolve("t").toString());
    assertThat(temporary.resolve("t")).doesNotExist();
    kernel.removeTree(Consts.AT_FDCWD, temporary.resolve("no/such").toString());
    assertThatThrownBy(() -> kernel.removeTree(Consts.AT_FDCWD, temporary + "/outside/.."))
        .hasMessageEndingWith("Invalid argument");
  }

  @ParameterizedTest
  @ValueSource(ints = {23, 24, 25, 26, 49, 10_000})
  void anyDepth(int depth) throws Exception {
    int at = kernel.openat(dir.number(), "t", Consts.O_RDONLY, 0);
    for (int i = 0; i < depth; i++) {
      kernel.mkdirat(at, "d", 0700);
      if (i % 10 == 0) {
        kernel.close(kernel.openat(at, "f", CREATE, 0600));
      }
      int next = kernel.openat(at, "d", Consts.O_RDONLY | Consts.O_NOFOLLOW, 0);
      kernel.close(at);
      at = next;
    }
    kernel.close(at);
    removesAll();
  }

  /** Removes a tree in a process of its own. */
  static final class Remover {
    private Remover() {}

    public static void main(String[] arguments) throws Exception {
      Kernel.linux().removeTree(Consts.AT_FDCWD, arguments[0]);
    }
  }

  @Test
  void fewDescriptors() throws Exception {
    StringBuilder path = new StringBuilder("t");
    for (int i = 0; i < 60; i++) {
      path.append("/d");
      kernel.mkdirat(dir.number(), path.toString(), 0700);
      create(path + "/f");
    }
    ProcessBuilder java = OtherJvm.command(Remover.class, temporary.resolve("t").toString());
    // The JVM holds about ten itself: the removal must do with fewer levels than it would like.
    java.command().add(1, "-XX:-MaxFDLimit");
    java.command().addAll(0, List.of("/bin/sh", "-c", "ulimit -n 20 && exec \"$@\"", "sh"));
    assertThat(java.inheritIO().start().waitFor()).isZero();
    assertThat(temporary.resolve("t")).doesNotExist();
  }

  @Test
  void namesOfOurOwnInTheTree() throws Exception {
    StringBuilder path = new StringBuilder("t");
    for (int i = 0; i < 30; i++) {
      path.append("/.rkt-removing-1-0");
      kernel.mkdirat(dir.number(), path.toString(), 0700);
      create(path + "/.rkt-removing-2-0");
    }
    removesAll();
  }

  @Test
  void hugeDirectory() throws Exception {
    try (Fd tree = Fd.openat(kernel, dir.number(), "t", Consts.O_RDONLY, 0)) {
      for (int i = 0; i < 30_000; i++) {
        kernel.mknodat(tree.number(), "file-with-a-longer-name-" + i, Consts.S_IFREG, 0, 0);
      }
    }
    removesAll();
  }

  @Test
  void wideAndDeep() throws Exception {
    makeBelow("t", 5);
    removesAll();
  }

  private void makeBelow(String path, int levels) throws OsException {
    for (int i = 0; i < 4 && levels > 0; i++) {
      kernel.mkdirat(dir.number(), path + "/" + i, 0500);
      makeBelow(path + "/" + i, levels - 1);
    }
    create(path + "/f");
  }

  @Test
  void immutableAndAppendOnly() throws Exception {
    assumeTrue(kernel.geteuid() == 0, "needs root to set file flags");
    create("t/f");
    kernel.mkdirat(dir.number(), "t/d", 0700);
    create("t/d/g");
    create("t/d/h");
    create("outside/linked");
    kernel.linkat(dir.number(), "outside/linked", dir.number(), "t/l", 0);
    String p = temporary.toString();
    try {
      Command.Result flags =
          Command.of("/usr/bin/chattr", "+i", p + "/t/f", p + "/t/d/g", p + "/t/d", p + "/t/l")
              .run();
      assumeTrue(flags.succeeded(), "no file flags here: " + flags.errors());
    } catch (java.io.IOException e) {
      assumeTrue(false, "no chattr here: " + e.getMessage());
    }
    assertThat(Command.of("/usr/bin/chattr", "+a", p + "/t").run().status()).isZero();
    removesAll();
    assertThat(Command.of("/usr/bin/lsattr", p + "/outside/linked").run().output())
        .as("a file with another name elsewhere keeps its flag")
        .startsWith("----i");
    assertThat(Command.of("/usr/bin/chattr", "-i", p + "/outside/linked").run().status()).isZero();
  }

  /** A directory and a link to the outside trade places all the time while the tree is removed. */
  @Test
  void neverLeavesTheTreeWhileNamesChange() throws Exception {
    int exchanged = 0;
    for (int round = 0; round < 30; round++) {
      if (Files.notExists(temporary.resolve("t"))) {
        kernel.mkdirat(dir.number(), "t", 0700);
      }
      for (int i = 0; i < 30; i++) {
        kernel.mkdirat(dir.number(), "t/d" + i, 0700);
        create("t/d" + i + "/sub");
        kernel.symlinkat("../outside", dir.number(), "t/l" + i);
      }
      AtomicBoolean stop = new AtomicBoolean();
      FutureTask<Integer> attack = new FutureTask<>(() -> exchange(stop));
      Thread attacker = new Thread(attack);
      attacker.start();
      try {
        kernel.removeTree(dir.number(), "t");
      } catch (OsException e) {
        assertThat(e.errno()).isIn(Errno.ENOTEMPTY, Errno.ENOTDIR, Errno.EISDIR, Errno.ELOOP);
      } finally {
        stop.set(true);
        attacker.join();
      }
      exchanged += attack.get();
      assertThat(outside.resolve("precious")).exists();
      kernel.removeTree(dir.number(), "t");
    }
    assertThat(exchanged).as("the attack took place").isPositive();
  }

  private int exchange(AtomicBoolean stop) {
    int exchanged = 0;
    while (!stop.get()) {
      for (int i = 0; i < 30; i++) {
        try {
          kernel.renameat2(
              dir.number(), "t/d" + i, dir.number(), "t/l" + i, Consts.RENAME_EXCHANGE);
          exchanged++;
        } catch (OsException e) {
          assertThat(e.errno()).as("removed already").isEqualTo(Errno.ENOENT);
        }
      }
    }
    return exchanged;
  }
}
