package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Command;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.Stat;
import rkt.stage1.IdRange;

class OwnerShiftTest {
  private static final IdRange RANGE = IdRange.numbered(9);
  private static final String CAPABILITIES = "security.capability";

  @TempDir private Path dir;

  private static void sh(String script) throws Exception {
    assertThat(Command.of("/bin/sh", "-ec", script).run().succeeded()).as(script).isTrue();
  }

  private Stat stat(String name) throws Exception {
    String path = dir.resolve(name).toString();
    return Kernel.linux().fstatat(Consts.AT_FDCWD, path, Consts.AT_SYMLINK_NOFOLLOW);
  }

  private void assertOwner(String name, int uid, int gid) throws Exception {
    assertThat(stat(name).uid()).as(name).isEqualTo(uid);
    assertThat(stat(name).gid()).as(name).isEqualTo(gid);
  }

  @Test
  void everyOwnerIsShiftedOnceAndNothingIsFollowed() throws Exception {
    assumeTrue(Kernel.linux().geteuid() == 0, "not root");
    sh(
        "cd "
            + dir
            + "; mkdir -p t/d/e; echo x > outside; chown 5:6 outside; ln -s ../outside t/link;"
            + " ln -s .. t/d/up; echo > t/a; chown 1000:100 t/a; ln t/a t/d/b; mkfifo t/d/e/fifo;"
            + " echo > t/foreign; chown 70000:70000 t/foreign; echo > t/suid; chown 1:2 t/suid;"
            + " chmod 6751 t/suid; chmod 3777 t/d; mknod t/null c 1 3");
    new OwnerShift(Kernel.linux(), RANGE).tree(dir.resolve("t").toString());
    int first = RANGE.first();
    assertOwner("t", first, first);
    assertOwner("t/d/e/fifo", first, first);
    assertOwner("t/a", first + 1000, first + 100);
    assertOwner("t/d/b", first + 1000, first + 100);
    assertOwner("t/link", first, first);
    assertOwner("t/null", first, first);
    assertOwner("outside", 5, 6);
    assertOwner("t/foreign", 70000, 70000);
    assertOwner("t/suid", first + 1, first + 2);
    assertThat(stat("t/suid").permissions()).isEqualTo(06751);
    assertThat(stat("t/d").permissions()).isEqualTo(03777);
    assertThat(stat("").uid()).isNotEqualTo(first);
  }

  /** Capabilities of the pod's root, not of the host's. */
  @Test
  void fileCapabilitiesAreTheNamespaces() throws Exception {
    assumeTrue(Kernel.linux().geteuid() == 0, "not root");
    Path file = Files.writeString(dir.resolve("ping"), "x");
    ByteBuffer value = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    value.putInt(0x02000001).putInt(1 << 13);
    try (Fd fd = Fd.open(Kernel.linux(), file.toString(), Consts.O_RDONLY, 0)) {
      Kernel.linux().fsetxattr(fd.number(), CAPABILITIES, value.array(), 0);
      new OwnerShift(Kernel.linux(), RANGE).tree(file.toString());
      byte[] shifted = Kernel.linux().fgetxattr(fd.number(), CAPABILITIES);
      assertThat(shifted).isNotNull().hasSize(24);
      ByteBuffer read = ByteBuffer.wrap(shifted).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(read.getInt(0)).isEqualTo(0x03000001);
      assertThat(read.getInt(4)).isEqualTo(1 << 13);
      assertThat(read.getInt(20)).isEqualTo(RANGE.first());
    }
  }
}
