package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountTableTest {
  private static final String TABLE =
      """
      27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
      30 27 0:26 / /var/lib/rkt/pods/run/u rw,nosuid shared:5 master:2 - tmpfs tmpfs rw,size=4k
      31 30 0:27 / /var/lib/rkt/pods/run/u/a/rootfs rw - overlay overlay rw,lowerdir=/x:/y,upperdir=/u
      32 30 0:27 / /var/lib/rkt/pods/run/u/a/rootfs ro - overlay overlay rw,lowerdir=/x
      33 27 254:0 /data /var/lib/rkt/pods/run/u2 rw - ext4 /dev/vda rw
      34 27 0:30 / /mnt/with\\040space\\134and\\011tab rw - tmpfs a\\040source rw
      """;

  private static MountTable table(String text) {
    return MountTable.parse(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void parses() {
    MountTable.Mount mount = table(TABLE).mounts().get(1);
    assertThat(mount)
        .isEqualTo(
            new MountTable.Mount(
                30,
                27,
                "0:26",
                "/",
                "/var/lib/rkt/pods/run/u",
                "rw,nosuid",
                List.of("shared:5", "master:2"),
                "tmpfs",
                "tmpfs",
                "rw,size=4k"));
    assertThat(mount.isShared()).isTrue();
    assertThat(mount.hasSuperOption("size=4k")).isTrue();
    assertThat(mount.hasSuperOption("size=4")).isFalse();
    assertThat(table(TABLE).mounts().get(3).isShared()).isFalse();
  }

  @Test
  void unescapes() {
    assertThat(table(TABLE).mounts().getLast().mountPoint()).isEqualTo("/mnt/with space\\and\ttab");
    assertThat(table("1 1 0:1 / /a\\04 rw - t s o\n").mounts().getFirst().mountPoint())
        .isEqualTo("/a\\04");
    assertThat(table("1 1 0:1 / /\u00ff rw - t s o\n").mounts().getFirst().mountPoint())
        .as("a byte that is not UTF-8 survives")
        .isEqualTo("/\udcff");
  }

  @Test
  void listsWhatIsBelowInTheOrderToUnmount() {
    assertThat(table(TABLE).mountsBelow("/var/lib/rkt/pods/run/u/"))
        .extracting(MountTable.Mount::id)
        .containsExactly(32, 31, 30);
    assertThat(table(TABLE).mountsBelow("/")).hasSize(6).last().extracting("id").isEqualTo(27);
    assertThat(table(TABLE).at("/var/lib/rkt/pods/run/u/a/rootfs").orElseThrow().id())
        .as("the topmost")
        .isEqualTo(32);
    assertThat(table(TABLE).at("/nothing")).isEmpty();
  }

  @Test
  void leavesOutWhatIsNoMount() {
    assertThat(table("").mounts()).isEmpty();
    assertThat(table("\n\nx\n1 2 3 4 5 6\n1 2 3 4 5 6 - t\na 2 0:1 / / rw - t s o\n").mounts())
        .isEmpty();
    assertThat(table("1 1 0:1 / / rw - t s o").mounts()).as("no newline at the end").hasSize(1);
  }

  @Test
  void readsOwn() throws Exception {
    assertThat(MountTable.current(Kernel.linux()).at("/")).isPresent();
  }
}
