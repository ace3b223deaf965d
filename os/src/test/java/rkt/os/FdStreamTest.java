package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FdStreamTest {
  @TempDir Path temporary;

  @Test
  void readsToTheEndAndOwnsItsDescriptor() throws Exception {
    Kernel kernel = Kernel.linux();
    Path file = Files.write(temporary.resolve("f"), new byte[] {(byte) 0xff, 'a', 'b', 'c'});
    Fd fd = Fd.open(kernel, file.toString(), Consts.O_RDONLY, 0);
    FdStream in = new FdStream(kernel, fd);
    assertThat(in.read()).isEqualTo(0xff);
    assertThat(in.read(new byte[4], 0, 0)).isZero();
    assertThat(in.readAllBytes()).asString().isEqualTo("abc");
    assertThat(in.read()).isEqualTo(-1);
    assertThat(in.read(new byte[4], 0, 4)).isEqualTo(-1);
    in.close();
    assertThat(fd.isOpen()).isFalse();
    assertThatThrownBy(in::read).isInstanceOf(IllegalStateException.class);
  }
}
