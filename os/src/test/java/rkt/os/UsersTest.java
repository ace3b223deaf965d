package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersTest {
  private final Kernel kernel = Kernel.linux();

  @TempDir Path temporary;
  private Path root;

  @BeforeEach
  void etc() throws Exception {
    root = temporary.resolve("root");
    Files.createDirectories(root.resolve("etc"));
  }

  private Users users() throws OsException {
    return Users.below(kernel, root.toString());
  }

  @Test
  void looksUpNamesAndNumbers() throws Exception {
    Files.writeString(
        root.resolve("etc/passwd"),
        """
        root:x:0:0:root:/root:/bin/sh
        broken:x:1
        big:x:4294967294:100::/home/big:/bin/sh
        minus:x:4294967295:100::/:/bin/sh
        negative:x:-1:100::/:/bin/sh
        www:x:33:33:www:/var/www:/usr/sbin/nologin
        """);
    Files.writeString(root.resolve("etc/group"), "rkt:x:990:www,other\nwww:x:33:\nlog:x:4:www");
    Users users = users();
    assertThat(users.user("www"))
        .contains(new Users.User("www", 33, 33, "/var/www", "/usr/sbin/nologin"));
    assertThat(users.user(33).orElseThrow().name()).isEqualTo("www");
    assertThat(users.user("big").orElseThrow().uid()).isEqualTo((int) 4294967294L);
    assertThat(users.user("minus")).isEmpty();
    assertThat(users.user("negative")).isEmpty();
    assertThat(users.user("broken")).isEmpty();
    assertThat(users.groupId("rkt")).hasValue(990);
    assertThat(users.groupId("nogroup")).isEmpty();
    assertThat(users.supplementaryGroups("www")).containsExactly(990, 4);
  }

  @Test
  void imageWithoutFiles() throws Exception {
    assertThat(users().user("root")).isEmpty();
    assertThat(users().groupId("root")).isEmpty();
  }

  @Test
  void linksStayInsideTheImage() throws Exception {
    Files.writeString(temporary.resolve("secret"), "host:x:7:7::/:/bin/sh\n");
    Files.createSymbolicLink(root.resolve("etc/passwd"), temporary.resolve("secret"));
    Files.createSymbolicLink(root.resolve("etc/group"), Path.of("../../secret"));
    assertThat(users().user("host")).isEmpty();
    assertThat(users().groupId("host")).isEmpty();
  }

  @Test
  void refusesWhatIsNoFile() throws Exception {
    kernel.mknodat(
        Consts.AT_FDCWD, root.resolve("etc/passwd").toString(), Consts.S_IFIFO | 0600, 0, 0);
    assertThatThrownBy(this::users).isInstanceOf(OsException.class).hasMessageContaining("passwd");
  }

  @Test
  void refusesEndlessFiles() throws Exception {
    try (Fd fd =
        Fd.open(
            kernel,
            root.resolve("etc/passwd").toString(),
            Consts.O_CREAT | Consts.O_WRONLY,
            0600)) {
      kernel.ftruncate(fd.number(), 1L << 40);
    }
    assertThatThrownBy(this::users).hasMessageContaining("File too large");
  }
}
