package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real cgroups of this host, with a real process in them. */
class CgroupTreeTest {
  private final Kernel kernel = Kernel.linux();
  private Cgroups cgroups;
  private CgroupTree tree;

  @BeforeEach
  void create() throws Exception {
    assumeTrue(kernel.geteuid() == 0, "needs root to make cgroups");
    cgroups = Cgroups.probe(kernel);
    assumeTrue(!cgroups.hierarchies().isEmpty(), "no cgroups are mounted here");
    String relative = "/rkt-test-" + kernel.getpid();
    tree = cgroups.tree(relative);
    for (String directory : cgroups.directories(relative)) {
      try {
        kernel.mkdirat(Consts.AT_FDCWD, directory, 0755);
        kernel.mkdirat(Consts.AT_FDCWD, directory + "/app", 0755);
        kernel.mkdirat(Consts.AT_FDCWD, directory + "/app/deep", 0755);
      } catch (OsException e) {
        assumeTrue(false, "cannot make cgroups here: " + e.getMessage());
      }
    }
  }

  @AfterEach
  void remove() throws Exception {
    if (tree != null) {
      tree.remove();
    }
  }

  @Test
  void removesAllLevelsInAllHierarchies() throws Exception {
    assertThat(tree.directories()).hasSameSizeAs(cgroups.hierarchies());
    tree.remove();
    assertThat(tree.directories()).isEmpty();
    tree.remove();
  }

  @Test
  void killsAndWaitsForProcesses() throws Exception {
    Process sleeper = new ProcessBuilder("sleep", "60").start();
    try {
      int pid = (int) sleeper.pid();
      for (String directory : tree.directories()) {
        if (directory.contains("cpuset")) {
          continue; // without cpus and mems of its own it takes nobody
        }
        byte[] text = Integer.toString(pid).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        try (Fd fd = Fd.open(kernel, directory + "/app/deep/cgroup.procs", Consts.O_WRONLY, 0)) {
          kernel.write(fd.number(), text, 0, text.length);
        }
      }
      assertThat(tree.processes()).isEqualTo(List.of(pid));
      tree.kill();
      tree.remove();
      assertThat(tree.directories()).isEmpty();
      assertThat(sleeper.waitFor()).isEqualTo(128 + Consts.SIGKILL);
    } finally {
      sleeper.destroyForcibly();
    }
  }

  @Test
  void joinsTheUnifiedHierarchy() throws Exception {
    assumeTrue(cgroups.unified().isPresent(), "no cgroup2 is mounted here");
    Process sleeper = new ProcessBuilder("sleep", "60").start();
    CgroupTree leaf = cgroups.tree("/rkt-test-" + kernel.getpid() + "/leaf");
    try {
      leaf.join((int) sleeper.pid());
      assertThat(leaf.processes()).containsExactly((int) sleeper.pid());
      assertThat(cgroups.memberships((int) sleeper.pid()).get("")).endsWith("/leaf");
    } finally {
      sleeper.destroyForcibly().waitFor();
    }
  }
}
