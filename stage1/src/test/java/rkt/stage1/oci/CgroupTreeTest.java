package rkt.stage1.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;

/** Where pods go on hosts this one is not, from their recorded {@code /proc} and {@code /sys}. */
class CgroupTreeTest {
  private static final String ALL = "cpuset cpu io memory hugetlb pids rdma misc";
  private static final String UNIT = "/system.slice/web.service";
  private static final int US = Kernel.linux().getpid();

  @TempDir Path temp;

  private RecordedHost v2(String own) throws IOException {
    return new RecordedHost(temp, RecordedHost.V2, "0::" + own + "\n")
        .file("sys/fs/cgroup/cgroup.controllers", ALL + "\n");
  }

  private static void delegate(RecordedHost host, String path) {
    try {
      host.delegate(path);
    } catch (OsException e) {
      assumeTrue(false, "this file system has no user attributes: " + e.getMessage());
    }
  }

  @Test
  void v2() throws Exception {
    CgroupTree tree = CgroupTree.of(v2("/user.slice").cgroup("/user.slice", ALL, 1, US).probe());
    assertThat(tree.unified()).isTrue();
    assertThat(tree.hybrid()).isFalse();
    assertThat(tree.app(Pods.UUID, "a")).isEqualTo("/machine.slice/rkt-" + Pods.UUID + "/a");
    assertThat(tree.controller("memory")).contains(temp.resolve("sys/fs/cgroup"));
    assertThat(tree.blockController()).isEqualTo("io");
    assertThat(tree.left()).isEmpty();
    assertThat(tree.parentsToRemove()).isEmpty();
  }

  @Test
  void aDelegatedUnitHasWhatItWasGiven() throws Exception {
    RecordedHost host = v2(UNIT).cgroup(UNIT, "memory pids", US);
    delegate(host, UNIT);
    CgroupTree tree = CgroupTree.of(host.probe());
    assertThat(tree.pod(Pods.UUID)).isEqualTo(UNIT + "/rkt-" + Pods.UUID);
    assertThat(tree.left()).contains(UNIT);
    assertThat(tree.controller("memory")).isPresent();
    assertThat(tree.controller("cpu")).as("Delegate=memory pids").isEmpty();
    assertThat(host.plain(tree.controlLeft().orElseThrow()))
        .isEqualTo("/sys/fs/cgroup" + UNIT + "/cgroup.subtree_control");
  }

  @Test
  void v1() throws Exception {
    RecordedHost host = new RecordedHost(temp, RecordedHost.V1, "3:memory:/user.slice\n");
    CgroupTree tree = CgroupTree.of(host.probe());
    assertThat(tree.unified()).isFalse();
    assertThat(tree.hybrid()).isFalse();
    assertThat(tree.pod(Pods.UUID)).isEqualTo("/rkt-" + Pods.UUID);
    assertThat(host.plain(tree.controller("cpu").orElseThrow()))
        .isEqualTo("/sys/fs/cgroup/cpu,cpuacct");
    assertThat(tree.blockController()).isEqualTo("blkio");
    assertThat(tree.controller("io")).isEmpty();
  }

  @Test
  void hybrid() throws Exception {
    RecordedHost host =
        new RecordedHost(temp, RecordedHost.HYBRID, "3:memory:/user.slice\n0::/user.slice\n")
            .file("sys/fs/cgroup/unified/cgroup.controllers", "\n");
    CgroupTree tree = CgroupTree.of(host.probe());
    assertThat(tree.unified()).isFalse();
    assertThat(tree.hybrid()).isTrue();
    assertThat(tree.mounts()).as("v1 alone").hasSize(5);
    assertThat(host.plain(tree.oomFile(Pods.UUID, "a").orElseThrow()))
        .isEqualTo("/sys/fs/cgroup/memory/rkt-" + Pods.UUID + "/a/memory.oom_control");
  }

  private RecordedHost container(Object... processes) throws IOException {
    return new RecordedHost(temp, RecordedHost.CONTAINER, "0::/\n")
        .cgroup("", ALL, processes)
        .file("sys/fs/cgroup/cgroup.subtree_control", "pids\n");
  }

  @Test
  void inAContainerBesideOthersOnlyWhatIsEnabledAlready() throws Exception {
    CgroupTree tree = CgroupTree.of(container(1, US).probe());
    assertThat(tree.controller("pids")).isPresent();
    assertThat(tree.controller("memory")).as("nobody can enable it").isEmpty();
    assertThat(tree.left()).isEmpty();
  }

  @Test
  void aloneInAContainerWeMakeRoom() throws Exception {
    CgroupTree tree = CgroupTree.of(container(US).probe());
    assertThat(tree.controller("memory")).isPresent();
    assertThat(tree.left()).contains("");
    assertThat(tree.pod(Pods.UUID)).isEqualTo("/rkt-" + Pods.UUID);
  }

  @ParameterizedTest
  @CsvSource({"/batch,/batch", "/batch/,/batch", "/a/b.c-d,/a/b.c-d", "/,''", "/..a/b..,/..a/b.."})
  void parents(String given, String clean) {
    assertThat(CgroupTree.checkParent(given)).isEqualTo(clean);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "batch", "batch.slice", "/..", "/a/../b", "/a/./b", "//a", "/a//b", "/a\nb"})
  void badParents(String given) {
    assertThatThrownBy(() -> CgroupTree.checkParent(given))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("it ");
  }

  private static CgroupTree under(RecordedHost host, String parent)
      throws EngineException, IOException {
    return CgroupTree.of(Kernel.linux(), host.probe(), parent);
  }

  @Test
  void aParentIsMadeInEachHierarchyOfV1AndGoesAgain() throws Exception {
    RecordedHost host = new RecordedHost(temp, RecordedHost.V1, "3:memory:/\n");
    Files.createDirectories(temp.resolve("sys/fs/cgroup/memory/batch"));
    CgroupTree tree = under(host, "/batch/night");
    assertThat(tree.pod(Pods.UUID)).isEqualTo("/batch/night/rkt-" + Pods.UUID);
    assertThat(tree.parentsToRemove())
        .map(host::plain)
        .contains("/sys/fs/cgroup/memory/batch/night", "/sys/fs/cgroup/pids/batch")
        .doesNotContain("/sys/fs/cgroup/memory/batch");
    assertThat(tree.parentsToRemove().getFirst().toString()).endsWith("/batch/night");
  }

  @Test
  void aParentOnV2() throws Exception {
    RecordedHost host = v2(UNIT).cgroup("/batch", ALL).cgroup(UNIT, ALL, 1);
    CgroupTree tree = under(host, "/batch/night");
    assertThat(tree.pod(Pods.UUID)).isEqualTo("/batch/night/rkt-" + Pods.UUID);
    assertThat(tree.left()).isEmpty();
    assertThat(tree.parentsToRemove())
        .map(host::plain)
        .containsExactly("/sys/fs/cgroup/batch/night");
  }

  @Test
  void aParentThatHoldsUsIsLeft() throws Exception {
    RecordedHost host = v2("/batch").cgroup("/batch", ALL, US).cgroup("/batch/night", ALL);
    assertThat(under(host, "/batch/night").left()).contains("/batch");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/batch", "/batch/night"})
  void aParentWithProcessesIsRefused(String parent) throws Exception {
    RecordedHost host = v2("/").cgroup("/batch", ALL, 1).cgroup("/batch/night", ALL);
    assertThatThrownBy(() -> under(host, parent))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("processes are in \"/batch\"");
  }
}
