package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxKernelTest {
  private static final int CREATE =
      Consts.O_RDWR | Consts.O_CREAT | Consts.O_EXCL | Consts.O_CLOEXEC;

  private final Kernel kernel = Kernel.linux();

  @TempDir Path temporary;
  private Fd dir;

  @BeforeEach
  void open() throws Exception {
    dir = Fd.directory(kernel, temporary.toString());
  }

  @AfterEach
  void close() throws Exception {
    dir.close();
  }

  @Test
  void writesAndReads() throws Exception {
    byte[] content = new byte[200_001];
    new Random(1).nextBytes(content);
    try (Fd fd = Fd.openat(kernel, dir.number(), "f", CREATE, 0640)) {
      assertThat(kernel.write(fd.number(), content, 1, content.length - 1)).isEqualTo(200_000);
      kernel.fsync(fd.number());
      Stat stat = kernel.fstat(fd.number());
      assertThat(stat.isRegular()).isTrue();
      assertThat(stat.size()).isEqualTo(200_000);
      assertThat(stat.nlink()).isEqualTo(1);
      assertThat(stat.sameFile(kernel.fstatat(dir.number(), "f", 0))).isTrue();
      assertThat(kernel.lseek(fd.number(), 0, Consts.SEEK_SET)).isZero();
      byte[] back = SmallFiles.read(kernel, fd, "f", 1 << 20);
      assertThat(back).isEqualTo(java.util.Arrays.copyOfRange(content, 1, content.length));
      byte[] one = new byte[3];
      assertThat(kernel.pread(fd.number(), one, 1, 2, 199_999)).isEqualTo(1);
      assertThat(one).containsExactly(0, content[200_000], 0);
      assertThat(kernel.read(fd.number(), one, 0, 3)).as("at the end").isZero();
      assertThatThrownBy(() -> kernel.read(fd.number(), one, 2, 2))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void anOpenFileIsFoundWhateverItsName() throws Exception {
    try (Fd fd = Fd.openat(kernel, dir.number(), "f", CREATE, 0640)) {
      Files.createSymbolicLink(temporary.resolve("link"), temporary.resolve("f"));
      try (Fd linked = Fd.openat(kernel, dir.number(), "link", Consts.O_PATH, 0)) {
        assertThat(linked.realPath()).isEqualTo(temporary.toRealPath() + "/f");
      }
      kernel.renameat2(dir.number(), "f", dir.number(), "g", 0);
      Files.writeString(Path.of(fd.path()), "written");
      assertThat(temporary.resolve("g")).hasContent("written");
      assertThat(fd.realPath()).isEqualTo(temporary.toRealPath() + "/g");
    }
  }

  @Test
  void copiesRanges() throws Exception {
    Files.write(temporary.resolve("from"), new byte[100_000]);
    try (Fd in = Fd.openat(kernel, dir.number(), "from", Consts.O_RDONLY, 0);
        Fd out = Fd.openat(kernel, dir.number(), "to", CREATE, 0600);
        Fd proc = Fd.open(kernel, "/proc/self/status", Consts.O_RDONLY, 0)) {
      long copied = 0;
      for (long n = 1; n > 0; copied += n) {
        n = kernel.copyRange(in.number(), out.number(), 1 << 20);
      }
      assertThat(copied).isEqualTo(100_000);
      assertThat(proc.isOpen()).isTrue();
    }
    assertThat(temporary.resolve("to")).hasSize(100_000);
  }

  @Test
  void aHintIsNoFailureWhereItMeansNothing() throws Exception {
    kernel.spreadChildren(dir.number());
    kernel.spreadChildren(dir.number());
    try (Fd proc = Fd.directory(kernel, "/proc")) {
      kernel.spreadChildren(proc.number());
    }
    assertThatThrownBy(() -> kernel.spreadChildren(-1))
        .hasMessage("ioctl fd -1: Bad file descriptor");
  }

  @Test
  void saysWhatFailed() {
    assertThatThrownBy(() -> kernel.open("/no/such", Consts.O_RDONLY, 0))
        .isInstanceOf(OsException.class)
        .hasMessage("open /no/such: No such file or directory")
        .extracting("errno")
        .isEqualTo(Errno.ENOENT);
    assertThatThrownBy(() -> kernel.fsync(-1)).hasMessage("fsync fd -1: Bad file descriptor");
  }

  @Test
  void refusesNamesThatWouldBeCut() {
    assertThatThrownBy(() -> kernel.mkdirat(dir.number(), "a\0b", 0700))
        .hasMessageEndingWith("Invalid argument");
    assertThatThrownBy(() -> kernel.mkdirat(dir.number(), "x".repeat(5000), 0700))
        .hasMessageEndingWith("File name too long");
    assertThatThrownBy(() -> kernel.mkdirat(dir.number(), "漢".repeat(2000), 0700))
        .hasMessageEndingWith("File name too long");
    assertThatThrownBy(() -> kernel.mkdirat(dir.number(), "\ud800", 0700))
        .isInstanceOf(OsException.class);
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void listsEveryNameThereCanBe() throws Exception {
    String[] names = {"plain", "naïve", "漢字", "🚀", "\udcff\udcfe", "a\udc80b", " \n\t\"", "..."};
    for (String name : names) {
      kernel.mkdirat(dir.number(), name, 0700);
    }
    assertThat(kernel.list(dir.number())).containsExactlyInAnyOrder(names);
    try (Fd path = Fd.openat(kernel, dir.number(), "漢字", Consts.O_PATH, 0)) {
      assertThat(kernel.list(path.number())).isEmpty();
    }
    for (String name : names) {
      kernel.unlinkat(dir.number(), name, Consts.AT_REMOVEDIR);
    }
    try (Fd file = Fd.openat(kernel, dir.number(), "f", CREATE, 0600)) {
      assertThatThrownBy(() -> kernel.list(file.number())).hasMessageEndingWith("Not a directory");
    }
  }

  @Test
  void makesInodes() throws Exception {
    kernel.symlinkat("target/漢", dir.number(), "link");
    assertThat(kernel.readlinkat(dir.number(), "link")).isEqualTo("target/漢");
    assertThat(kernel.fstatat(dir.number(), "link", Consts.AT_SYMLINK_NOFOLLOW).isSymlink())
        .isTrue();
    kernel.mknodat(dir.number(), "fifo", Consts.S_IFIFO | 0600, 0, 0);
    kernel.linkat(dir.number(), "fifo", dir.number(), "again", 0);
    Stat fifo = kernel.fstatat(dir.number(), "again", 0);
    assertThat(fifo.isFifo()).isTrue();
    assertThat(fifo.nlink()).isEqualTo(2);
    kernel.utimensat(dir.number(), "link", 5, 6, 1_000_000_007L, 8, Consts.AT_SYMLINK_NOFOLLOW);
    Stat link = kernel.fstatat(dir.number(), "link", Consts.AT_SYMLINK_NOFOLLOW);
    assertThat(link.mtimeSec()).isEqualTo(1_000_000_007L);
    assertThat(link.mtimeNsec()).isEqualTo(8);
    assertThatThrownBy(() ->
            kernel.renameat2(dir.number(), "link", dir.number(), "fifo", Consts.RENAME_NOREPLACE))
        .hasMessageEndingWith("File exists");
    kernel.renameat2(dir.number(), "link", dir.number(), "fifo", Consts.RENAME_EXCHANGE);
    assertThat(kernel.readlinkat(dir.number(), "fifo")).isEqualTo("target/漢");
  }

  @Test
  void makesDevices() throws Exception {
    assumeTrue(kernel.geteuid() == 0, "needs root to make device nodes");
    kernel.mknodat(dir.number(), "null", Consts.S_IFCHR | 0600, 1, 3);
    Stat stat = kernel.fstatat(dir.number(), "null", 0);
    assertThat(stat.isCharDevice()).isTrue();
    assertThat(Stat.major(stat.rdev())).isEqualTo(1);
    assertThat(Stat.minor(stat.rdev())).isEqualTo(3);
    kernel.mknodat(dir.number(), "big", Consts.S_IFBLK | 0600, 4000, 1_000_000);
    Stat big = kernel.fstatat(dir.number(), "big", 0);
    assertThat(Stat.major(big.rdev())).isEqualTo(4000);
    assertThat(Stat.minor(big.rdev())).isEqualTo(1_000_000);
    kernel.fchownat(dir.number(), "big", 7, 8, Consts.AT_SYMLINK_NOFOLLOW);
    assertThat(kernel.fstatat(dir.number(), "big", 0).gid()).isEqualTo(8);
  }

  @Test
  void confinesResolution() throws Exception {
    Files.createDirectories(temporary.resolve("root/etc"));
    Files.writeString(temporary.resolve("root/etc/f"), "inside");
    Files.writeString(temporary.resolve("f"), "outside");
    Files.createSymbolicLink(temporary.resolve("root/up"), Path.of("../f"));
    Files.createSymbolicLink(temporary.resolve("root/abs"), Path.of("/etc/f"));
    long flags = Consts.O_RDONLY | Consts.O_CLOEXEC;
    try (Fd root = Fd.openat(kernel, dir.number(), "root", Consts.O_PATH, 0)) {
      try (Fd f =
          new Fd(kernel, kernel.openat2(root.number(), "abs", flags, 0, Consts.RESOLVE_IN_ROOT))) {
        assertThat(SmallFiles.read(kernel, f, "abs", 100))
            .isEqualTo("inside".getBytes(StandardCharsets.UTF_8));
      }
      assertThatThrownBy(
              () -> kernel.openat2(root.number(), "up", flags, 0, Consts.RESOLVE_BENEATH))
          .extracting("errno")
          .isEqualTo(Errno.EXDEV);
      assertThatThrownBy(
              () -> kernel.openat2(root.number(), "up", flags, 0, Consts.RESOLVE_NO_SYMLINKS))
          .extracting("errno")
          .isEqualTo(Errno.ELOOP);
    }
  }

  @Test
  void keepsAttributes() throws Exception {
    String path = temporary.resolve("f").toString();
    byte[] large = new byte[3000];
    large[2999] = 1;
    try (Fd fd = Fd.open(kernel, path, CREATE, 0600)) {
      try {
        kernel.fsetxattr(fd.number(), "user.small", new byte[] {1, 0, 2}, 0);
      } catch (OsException e) {
        assumeTrue(false, "this file system has no user attributes: " + e.getMessage());
      }
      kernel.lsetxattr(path, "user.large", large, Consts.XATTR_CREATE);
      assertThat(kernel.lgetxattr(path, "user.small")).containsExactly(1, 0, 2);
      assertThat(kernel.fgetxattr(fd.number(), "user.large")).isEqualTo(large);
      assertThat(kernel.fgetxattr(fd.number(), "user.none")).isNull();
      assertThat(kernel.flistxattr(fd.number())).contains("user.small", "user.large");
      assertThat(kernel.llistxattr(path)).contains("user.small", "user.large");
    }
  }

  @Test
  void waitsForProcesses() throws Exception {
    Process sleeper = new ProcessBuilder("sleep", "60").start();
    try (Fd pidfd = new Fd(kernel, kernel.pidfdOpen((int) sleeper.pid()))) {
      assertThat(kernel.pidfdWait(pidfd.number(), 0)).isFalse();
      kernel.pidfdSendSignal(pidfd.number(), Consts.SIGTERM);
      assertThat(kernel.pidfdWait(pidfd.number(), -1)).isTrue();
      assertThat(sleeper.waitFor()).isEqualTo(128 + Consts.SIGTERM);
    } finally {
      sleeper.destroyForcibly();
    }
    assertThatThrownBy(() -> kernel.pidfdWait(-1, 0)).isInstanceOf(OsException.class);
  }

  @Test
  void knowsItself() throws Exception {
    assertThat(kernel.getpid()).isEqualTo((int) ProcessHandle.current().pid());
    assertThat(kernel.gettid()).isPositive();
    assertThat(kernel.statfsType("/proc")).isEqualTo(Consts.PROC_SUPER_MAGIC);
    int mask = kernel.umask(077);
    assertThat(kernel.umask(mask)).isEqualTo(077);
    assertThat(kernel.isatty(dir.number())).isFalse();
    assertThat(kernel.windowSize(dir.number())).isEqualTo(new WindowSize(0, 0));
  }

  @Test
  void ownsDescriptorsOnce() throws Exception {
    Fd fd = Fd.openat(kernel, dir.number(), ".", Consts.O_RDONLY, 0);
    int number = fd.number();
    fd.close();
    fd.close();
    assertThatThrownBy(fd::number).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> kernel.fstat(number)).isInstanceOf(OsException.class);
    Fd other = Fd.openat(kernel, dir.number(), ".", Consts.O_RDONLY, 0);
    int detached = other.detach();
    other.close();
    assertThat(kernel.fstat(detached).isDir()).isTrue();
    kernel.close(detached);
  }
}
