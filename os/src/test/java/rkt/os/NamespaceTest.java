package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real mounts, each test on a thread of its own whose mount namespace dies with it. */
class NamespaceTest {
  private final Kernel kernel = Kernel.linux();

  @TempDir Path dir;

  @BeforeEach
  void root() {
    assumeTrue(kernel.geteuid() == 0, "needs root to make a mount namespace");
  }

  private <T> T inMountNamespace(Callable<T> work) throws Exception {
    FutureTask<T> task =
        new FutureTask<>(() -> {
          kernel.unshare(Consts.CLONE_NEWNS);
          kernel.mount("none", "/", null, Consts.MS_REC | Consts.MS_PRIVATE, null);
          return work.call();
        });
    Thread thread = Thread.ofPlatform().start(task);
    thread.join();
    return task.get();
  }

  @Test
  void mountsVanishWithTheThread() throws Exception {
    String target = dir.toString();
    MountTable inside =
        inMountNamespace(() -> {
          kernel.mount("rkt-test", target, "tmpfs", Consts.MS_NODEV, "size=64k");
          kernel.mkdirat(Consts.AT_FDCWD, target + "/x", 0700);
          assertThat(kernel.statfsType(target)).isEqualTo(Consts.TMPFS_MAGIC);
          assertThat(Command.of("/bin/ls", target).run().output())
              .as("a child starts in the thread's namespace")
              .isEqualTo("x\n");
          return MountTable.current(kernel);
        });
    assertThat(inside.at(target).orElseThrow().source()).isEqualTo("rkt-test");
    assertThat(MountTable.current(kernel).mountsBelow(target)).isEmpty();
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void aDetachedCopyIsReadOnlyToItsLastMountBeforeAnybodySeesIt() throws Exception {
    Path source = Files.createDirectories(dir.resolve("source/below"));
    Path target = Files.createDirectory(dir.resolve("target"));
    MountTable inside =
        inMountNamespace(() -> {
          kernel.mount("none", source.toString(), "tmpfs", 0, null);
          int clone = Consts.OPEN_TREE_CLONE | Consts.AT_RECURSIVE | Consts.OPEN_TREE_CLOEXEC;
          String parent = source.getParent().toString();
          try (Fd tree = new Fd(kernel, kernel.openTree(Consts.AT_FDCWD, parent, clone))) {
            int all = Consts.AT_EMPTY_PATH | Consts.AT_RECURSIVE;
            kernel.mountSetattr(tree.number(), "", all, Consts.MOUNT_ATTR_RDONLY, 0, 0, -1);
            kernel.moveMount(tree.number(), Consts.AT_FDCWD, target.toString());
          }
          return MountTable.current(kernel);
        });
    assertThat(inside.at(target.toString()).orElseThrow().options()).startsWith("ro");
    assertThat(inside.at(target + "/below").orElseThrow().options()).startsWith("ro");
    assertThat(inside.at(source.toString()).orElseThrow().options()).startsWith("rw");
  }

  @Test
  void joinsANamespaceAgain() throws Exception {
    String host = kernel.readlinkat(Consts.AT_FDCWD, "/proc/self/ns/mnt");
    Fd own = Fd.open(kernel, "/proc/self/ns/mnt", Consts.O_RDONLY, 0);
    String back =
        inMountNamespace(() -> {
          assertThat(kernel.readlinkat(Consts.AT_FDCWD, "/proc/thread-self/ns/mnt"))
              .isNotEqualTo(host);
          try (Fd ns = own) {
            kernel.setns(ns.number(), Consts.CLONE_NEWNS);
          }
          return kernel.readlinkat(Consts.AT_FDCWD, "/proc/thread-self/ns/mnt");
        });
    assertThat(back).isEqualTo(host);
  }

  @Test
  void overlays() throws Exception {
    assumeTrue(
        new KernelFeatures(kernel).requireFileSystem("overlay").isEmpty(), "no overlay here");
    for (String name : new String[] {"lower", "upper", "work", "merged"}) {
      Files.createDirectory(dir.resolve(name));
    }
    Files.writeString(dir.resolve("lower/f"), "lower");
    inMountNamespace(() -> {
      kernel.unshare(Consts.CLONE_FS);
      kernel.chdir(dir.toString());
      kernel.mount("overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work");
      kernel.unlinkat(Consts.AT_FDCWD, "merged/f", 0);
      return null;
    });
    Stat whiteout = kernel.fstatat(Consts.AT_FDCWD, dir.resolve("upper/f").toString(), 0);
    assertThat(whiteout.isCharDevice()).isTrue();
    assertThat(whiteout.rdev()).isZero();
    kernel.removeTree(Consts.AT_FDCWD, dir.resolve("work").toString());
  }

  @Test
  void refusesOptionsThatTheKernelWouldCut() {
    assertThatThrownBy(
            () -> kernel.mount("x", dir.toString(), "overlay", 0, "lowerdir=/" + "a".repeat(4090)))
        .isInstanceOf(OsException.class)
        .hasMessageEndingWith("File name too long");
  }

  @Test
  void treeRemovalStopsAtMounts() throws Exception {
    Path tree = Files.createDirectories(dir.resolve("tree/a/b"));
    Path outside = Files.createDirectories(dir.resolve("outside"));
    Files.createFile(outside.resolve("precious"));
    Files.createFile(dir.resolve("tree/file"));
    Files.createFile(dir.resolve("tree/a/plain"));
    inMountNamespace(() -> {
      // The same file system: the device number does not tell, the mount does.
      kernel.mount(outside.toString(), tree.toString(), null, Consts.MS_BIND, null);
      kernel.mount(
          outside.resolve("precious").toString(),
          dir.resolve("tree/file").toString(),
          null,
          Consts.MS_BIND,
          null);
      String top = dir.resolve("tree").toString();
      assertThatThrownBy(() -> kernel.removeTree(Consts.AT_FDCWD, top))
          .isInstanceOf(OsException.class)
          .hasMessageEndingWith("Device or resource busy");
      assertThatThrownBy(() -> kernel.removeTree(Consts.AT_FDCWD, tree.toString()))
          .hasMessage("remove b: Device or resource busy");
      return null;
    });
    assertThat(outside.resolve("precious")).exists();
    assertThat(tree).exists();
    assertThat(dir.resolve("tree/a/plain")).as("the rest is removed").doesNotExist();
    kernel.removeTree(Consts.AT_FDCWD, dir.resolve("tree").toString());
    assertThat(dir.resolve("tree")).doesNotExist();
  }
}
