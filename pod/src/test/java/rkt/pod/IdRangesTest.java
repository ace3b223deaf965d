package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Kernel;
import rkt.os.RandomBytes;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.PodUuid;
import rkt.stage1.IdRange;

class IdRangesTest {
  /** All but the numbers 5 and 7. */
  private static final String OTHERS =
      "a:65536:262144\nb:393216:65536\nc:524288:2146959360\nbroken\nd:x:1\n";

  @TempDir private Path dir;
  private Path claims = Path.of("/");
  private Path etc = Path.of("/");
  private Path pods = Path.of("/");

  @BeforeEach
  void make() throws Exception {
    claims = dir.resolve("run/ranges");
    etc = Files.createDirectory(dir.resolve("etc"));
    pods = Files.createDirectory(dir.resolve("pods"));
    for (PodDirectory each : PodDirectory.values()) {
      Files.createDirectory(pods.resolve(each.dirName()));
    }
  }

  private IdRanges ranges() {
    return new IdRanges(Kernel.linux(), claims, etc, pods);
  }

  private PodUuid pod(PodDirectory directory) throws Exception {
    PodUuid uuid = PodUuid.ofRandomBytes(RandomBytes.of(16));
    Files.createDirectory(pods.resolve(directory.dirName()).resolve(uuid.value()));
    return uuid;
  }

  private void remove(PodUuid uuid) throws Exception {
    for (PodDirectory each : PodDirectory.values()) {
      Files.deleteIfExists(pods.resolve(each.dirName()).resolve(uuid.value()));
    }
  }

  private List<String> claimed() throws Exception {
    try (var list = Files.list(claims)) {
      return list.map(path -> path.getFileName().toString())
          .filter(name -> !name.equals("lock"))
          .sorted()
          .toList();
    }
  }

  @Test
  void rangesAreDifferentAndWithinTheirLimits() throws Exception {
    List<IdRange> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      IdRange range = ranges().claim(pod(PodDirectory.PREPARE));
      assertThat(range.first()).isBetween(1 << 16, 0x7fff << 16);
      assertThat(range.first() % 65536).isZero();
      assertThat(range.text()).isEqualTo(range.first() + ":65536");
      assertThat(IdRange.parse(range.text())).contains(range);
      all.add(range);
    }
    assertThat(all).doesNotHaveDuplicates();
    assertThat(claimed()).hasSize(100);
  }

  @Test
  void idsOfTheHostAreLeftToIt() throws Exception {
    Files.writeString(etc.resolve("subuid"), OTHERS);
    assertThat(List.of(next(), next())).containsExactlyInAnyOrder(5, 7);
    assertThatThrownBy(this::next)
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
        .hasMessageContaining("all 32767 ranges belong to other pods or to users of the host");
  }

  @Test
  void realUsersAndGroupsCountToo() throws Exception {
    Files.writeString(etc.resolve("subgid"), OTHERS);
    Files.writeString(
        etc.resolve("passwd"), "root:x:0:0::/:/bin/sh\n\nldap::327690:100::/:/bin/sh\n+::::::\n");
    assertThat(next()).isEqualTo(7);
    Files.writeString(etc.resolve("group"), "g:x:458752:");
    assertThatThrownBy(this::next).isInstanceOf(EngineException.class);
  }

  private int next() throws Exception {
    return ranges().claim(pod(PodDirectory.PREPARE)).first() >> 16;
  }

  /** Whoever was killed: the claim of a pod that is gone is free, wherever it was. */
  @Test
  void claimsEndWithTheirPods() throws Exception {
    Files.writeString(etc.resolve("subuid"), OTHERS);
    PodUuid one = pod(PodDirectory.PREPARE);
    PodUuid two = pod(PodDirectory.PREPARE);
    IdRange first = ranges().claim(one);
    ranges().claim(two);
    remove(one);
    Files.createDirectory(pods.resolve("run").resolve(one.value()));
    ranges().sweep();
    assertThat(claimed()).containsExactly("5", "7");
    remove(one);
    assertThat(ranges().claim(pod(PodDirectory.PREPARED))).isEqualTo(first);
    remove(two);
    ranges().sweep();
    assertThat(claimed()).containsExactly(Integer.toString(first.first() >> 16));
  }

  @Test
  void claimsOfOtherDataDirectoriesCount() throws Exception {
    Files.writeString(etc.resolve("subuid"), OTHERS);
    Path other = Files.createDirectories(dir.resolve("other/pods"));
    PodUuid uuid = PodUuid.ofRandomBytes(RandomBytes.of(16));
    Files.createDirectories(other.resolve("run").resolve(uuid.value()));
    IdRange theirs = new IdRanges(Kernel.linux(), claims, etc, other).claim(uuid);
    assertThat(next()).isNotEqualTo(theirs.first() >> 16);
    assertThat(claimed()).containsExactly("5", "7");
  }

  @Test
  void aPodGivesUpWhatItHas() throws Exception {
    PodUuid one = pod(PodDirectory.PREPARE);
    PodUuid two = pod(PodDirectory.PREPARE);
    ranges().claim(one);
    IdRange kept = ranges().claim(two);
    ranges().release(one);
    assertThat(claimed()).containsExactly(Integer.toString(kept.first() >> 16));
    assertThat(ranges().renew(two, kept)).isEqualTo(kept);
    ranges().release(two);
    assertThat(claimed()).isEmpty();
    assertThat(ranges().renew(two, kept)).isEqualTo(kept);
    assertThat(claimed()).hasSize(1);
    assertThat(ranges().renew(pod(PodDirectory.PREPARED), kept)).isNotEqualTo(kept);
  }

  @Test
  void otherFilesAreNoClaims() throws Exception {
    Files.createDirectories(claims);
    Files.writeString(claims.resolve("5"), "");
    Files.createSymbolicLink(claims.resolve("word"), pods.resolve("run/none"));
    ranges().claim(pod(PodDirectory.PREPARE));
    assertThat(claims.resolve("5")).exists();
  }

  @Test
  void textsThatAreNoRangesAreRefused() {
    for (String text :
        List.of(
            "",
            ":",
            "1:2:3",
            "65536",
            "65536:0",
            "0:65536",
            "65535:65536",
            "-65536:65536",
            "65536:65537",
            "2147483647:2",
            "4294967296:1",
            "x:1")) {
      assertThat(IdRange.parse(text)).as(text).isEmpty();
    }
  }
}
