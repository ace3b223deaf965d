package rkt.stage1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;
import rkt.os.OsException;

/** Labels from the files of a Fedora host, as recorded below. */
class SelinuxLabelsTest {
  private static final String CONTEXTS =
      """
      process = "system_u:system_r:container_t:s0"
      content = "system_u:object_r:virt_var_lib_t:s0"
      file = "system_u:object_r:container_file_t:s0:c7,c9"
      ro_file = "system_u:object_r:container_ro_file_t:s0"
      """;

  @TempDir Path temp;

  private void host(String config, String contexts) throws IOException {
    Path etc = Files.createDirectories(temp.resolve("host/etc/selinux/targeted/contexts"));
    Files.writeString(temp.resolve("host/etc/selinux/config"), config);
    Files.writeString(etc.resolve("lxc_contexts"), contexts);
  }

  private Optional<SelinuxLabels> choose(long seed, boolean claiming) throws OsException {
    return SelinuxLabels.choose(
        Kernel.linux(),
        temp.resolve("host").toString(),
        temp.resolve("run/mcs"),
        new Random(seed),
        claiming);
  }

  @Test
  void typesAreThePolicysAndCategoriesThePods() throws IOException {
    host("# comment\nSELINUX=enforcing\nSELINUXTYPE=targeted\n", CONTEXTS);
    SelinuxLabels labels = choose(1, true).orElseThrow();
    String pair = String.valueOf(labels.claim().getFileName());
    assertThat(pair).matches("c[0-9]+,c[0-9]+");
    assertThat(labels.process()).isEqualTo("system_u:system_r:container_t:s0:" + pair);
    assertThat(labels.file()).isEqualTo("system_u:object_r:container_file_t:s0:" + pair);
    assertThat(labels.claim()).isDirectory();
    labels.release(Kernel.linux());
    assertThat(labels.claim()).doesNotExist();
  }

  @Test
  void noTwoPodsHaveTheSamePair() throws IOException {
    host("SELINUXTYPE=targeted\n", CONTEXTS);
    Set<String> processes = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      processes.add(choose(42, true).orElseThrow().process()); // the same dice every time
    }
    assertThat(processes).hasSize(20);
  }

  @Test
  void lookingClaimsNothing() throws IOException {
    host("SELINUXTYPE=targeted\n", CONTEXTS);
    assertThat(choose(1, false)).isPresent();
    assertThat(temp.resolve("run")).doesNotExist();
  }

  @Test
  void hostsWithoutLabelsForContainersGetNone() throws IOException {
    assertThat(choose(1, true)).isEmpty();
    host("SELINUX=enforcing\n", CONTEXTS);
    assertThat(choose(1, true)).isEmpty();
    host("SELINUXTYPE=minimum\n", CONTEXTS);
    assertThat(choose(1, true)).isEmpty();
    host("SELINUXTYPE=../targeted\n", CONTEXTS);
    assertThat(choose(1, true)).isEmpty();
    host("SELINUXTYPE=targeted\n", "process = \"a:b:c:s0\"\n");
    assertThat(choose(1, true)).isEmpty();
  }

  @Test
  void allPairsTakenIsAnError() throws IOException {
    host("SELINUXTYPE=targeted\n", CONTEXTS);
    Path mcs = Files.createDirectories(temp.resolve("run/mcs"));
    Random dice = new Random(7);
    for (int i = 0; i < 1000; i++) {
      int one = dice.nextInt(1024);
      int two = dice.nextInt(1024);
      if (one != two) {
        String pair = "c" + Math.min(one, two) + ",c" + Math.max(one, two);
        Files.createDirectories(mcs.resolve(pair));
      }
    }
    assertThatThrownBy(() -> choose(7, true)).isInstanceOf(OsException.class);
  }
}
