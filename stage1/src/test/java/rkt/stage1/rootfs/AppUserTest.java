package rkt.stage1.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.schema.EngineException;

class AppUserTest {
  @TempDir Path temp;
  private HostileRoot root;

  @BeforeEach
  void makeRoot() throws IOException {
    root = new HostileRoot(temp.resolve("root"));
  }

  private AppUser resolve(String user, String group, boolean primary)
      throws EngineException, IOException {
    try (Rootfs rootfs = root.open()) {
      return AppUser.resolve(rootfs, user, group, primary);
    }
  }

  @Test
  void literalsNeedNoFiles() throws Exception {
    assertThat(resolve("root", "0", false)).isEqualTo(new AppUser(0, 0));
    assertThat(resolve("9000", "4294967294", false)).isEqualTo(new AppUser(9000, 4294967294L));
  }

  @Test
  void aNumberIsNeverLookedUpAsAName() throws Exception {
    root.file("etc/passwd", "1000:x:0:0::/:\nroot:x:77:77::/:\n");
    assertThat(resolve("1000", "0", false).uid()).isEqualTo(1000);
    assertThat(resolve("root", "0", false).uid()).isZero();
  }

  @Test
  void namesComeFromTheImage() throws Exception {
    root.file("etc/passwd", "broken\nuser1:x\n\nuser1:x:1000:100::/:\nuser1:x:2000:200::/:\n");
    root.file("etc/group", "group1:x:100:user1\n");
    assertThat(resolve("user1", "group1", false)).isEqualTo(new AppUser(1000, 100));
  }

  @Test
  void aPathMeansItsOwner() throws Exception {
    Path file = root.file("data/file", "");
    long owner = ((Number) java.nio.file.Files.getAttribute(file, "unix:uid")).longValue();
    assertThat(resolve("/data/file", "/data", false).uid()).isEqualTo(owner);
    assertThatThrownBy(() -> resolve("/nowhere", "0", false))
        .hasMessageContaining("failed to configure user \"/nowhere\"");
  }

  @Test
  void imagesFromDockerMeanThePrimaryGroup() throws Exception {
    root.file("etc/passwd", "nginx:x:101:102::/:\n");
    assertThat(resolve("nginx", "nginx", true)).isEqualTo(new AppUser(101, 102));
    assertThatThrownBy(() -> resolve("nginx", "nginx", false))
        .hasMessageContaining("failed to configure group \"nginx\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "4294967295", "99999999999999999999", "-", "foo"})
  void whatIsNoUserIsRefused(String user) {
    assertThatThrownBy(() -> resolve(user, "0", false))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("failed to configure user \"" + user + "\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil:x:-1:0::/:", "evil:x:4294967295:0::/:", "evil:x:0x0:0::/:", "evil:x::0::/:"})
  void numbersInTheFileAreChecked(String line) throws IOException {
    root.file("etc/passwd", line + "\n");
    assertThatThrownBy(() -> resolve("evil", "0", false))
        .hasMessageContaining("Invalid uid or gid");
  }

  @Test
  void aHostileFileCannotPointAtTheHost() throws IOException {
    root.link("etc/passwd", "/proc/self/root/etc/passwd");
    assertThatThrownBy(() -> resolve("daemon", "0", false)).hasMessageContaining("no such user");
  }

  @Test
  void aHugeFileIsReadToTheLimitOnly() throws Exception {
    root.file("etc/passwd", "x".repeat(AppUser.MAX_ACCOUNT_FILE) + "\nlate:x:5:5::/:\n");
    assertThatThrownBy(() -> resolve("late", "0", false)).hasMessageContaining("no such user");
  }
}
