package rkt.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.os.Cgroups.Layout;

/** Against recorded {@code /proc} and {@code /sys} trees of hosts this one is not. */
class CgroupsTest {
  private static String recorded(String host) throws URISyntaxException {
    var url = Objects.requireNonNull(CgroupsTest.class.getResource("/cgroups/" + host));
    return Path.of(url.toURI()).toString();
  }

  private static Cgroups probe(String host) throws Exception {
    return Cgroups.probe(Kernel.linux(), recorded(host));
  }

  @Test
  void v1() throws Exception {
    Cgroups cgroups = probe("v1");
    assertThat(cgroups.layout()).isEqualTo(Layout.V1);
    assertThat(cgroups.unified()).isEmpty();
    assertThat(cgroups.hierarchies()).as("the container's copy is left out").hasSize(4);
    assertThat(cgroups.controller("cpuacct").orElseThrow().mountPoint())
        .isEqualTo(recorded("v1") + "/sys/fs/cgroup/cpu,cpuacct");
    assertThat(cgroups.controller("xattr")).isEmpty();
    assertThat(cgroups.hierarchies().getFirst().name()).isEqualTo("systemd");
    assertThat(cgroups.memberships())
        .containsEntry("cpu,cpuacct", "/user.slice")
        .containsEntry("name=systemd", "/user.slice/user-0.slice/session-1.scope");
    assertThat(cgroups.podParent()).isEmpty();
    assertThat(cgroups.directories("/rkt-u/app"))
        .contains(recorded("v1") + "/sys/fs/cgroup/memory/rkt-u/app")
        .hasSize(4);
  }

  @Test
  void v2() throws Exception {
    Cgroups cgroups = probe("v2");
    assertThat(cgroups.layout()).isEqualTo(Layout.V2);
    assertThat(cgroups.unified().orElseThrow().controllers()).contains("memory", "pids", "io");
    assertThat(cgroups.controller("memory")).isEqualTo(cgroups.unified());
    assertThat(cgroups.memberships()).containsOnlyKeys("");
    assertThat(cgroups.delegated()).as("nobody marked it").isEmpty();
    assertThat(cgroups.podParent()).isEqualTo("/machine.slice");
  }

  /** A v2 host whose cgroups live in a directory that a test may mark and fill. */
  private record Host(Path root) {
    Host {
      try {
        for (String file : List.of("proc/thread-self/mountinfo", "proc/self/cgroup")) {
          Files.createDirectories(Objects.requireNonNull(root.resolve(file).getParent()));
          Files.copy(Path.of(recorded("v2"), file), root.resolve(file));
        }
      } catch (IOException | URISyntaxException e) {
        throw new IllegalStateException(e);
      }
    }

    void cgroup(String path, boolean delegated, Object... processes) throws IOException {
      Path directory = Files.createDirectories(root.resolve("sys/fs/cgroup" + path));
      StringBuilder procs = new StringBuilder();
      for (Object process : processes) {
        procs.append(process).append('\n');
      }
      Files.writeString(directory.resolve("cgroup.procs"), procs.toString());
      if (delegated) {
        try {
          Kernel.linux().lsetxattr(directory.toString(), "user.delegate", new byte[] {'1'}, 0);
        } catch (OsException e) {
          assumeTrue(false, "this file system has no user attributes: " + e.getMessage());
        }
      }
    }

    Cgroups caller(String path) throws IOException {
      Files.writeString(root.resolve("proc/self/cgroup"), "0::" + path + "\n");
      return Cgroups.probe(Kernel.linux(), root.toString());
    }
  }

  private static final String UNIT = "/system.slice/rkt-demo.service";

  @Test
  void v2Delegated(@TempDir Path root) throws Exception {
    Host host = new Host(root);
    host.cgroup(UNIT, true, Kernel.linux().getpid());
    Cgroups cgroups = host.caller(UNIT);
    assertThat(cgroups.delegated()).contains(new Cgroups.Delegation(UNIT, true));
    assertThat(cgroups.podParent()).isEqualTo(UNIT);
  }

  /** A shell runs rkt as one of its commands: no controller can be enabled below that shell. */
  @ParameterizedTest
  @ValueSource(ints = {0, 4711})
  void v2DelegatedToSomebodyBesideUs(int other, @TempDir Path root) throws Exception {
    Host host = new Host(root);
    host.cgroup(UNIT, true, other, Kernel.linux().getpid());
    assertThat(host.caller(UNIT).podParent()).isEqualTo("/machine.slice");
  }

  @Test
  void v2DelegateSubgroup(@TempDir Path root) throws Exception {
    Host host = new Host(root);
    host.cgroup(UNIT, true);
    host.cgroup(UNIT + "/main", false, 4711, Kernel.linux().getpid());
    assertThat(host.caller(UNIT + "/main").delegated())
        .contains(new Cgroups.Delegation(UNIT, false));
    host.cgroup(UNIT, true, 4711);
    assertThat(host.caller(UNIT + "/main").delegated()).as("the unit holds a process").isEmpty();
  }

  @Test
  void v2ControlProcessOfAUnit(@TempDir Path root) throws Exception {
    Host host = new Host(root);
    host.cgroup(UNIT, true);
    host.cgroup(UNIT + "/.control", false, Kernel.linux().getpid());
    assertThat(host.caller(UNIT + "/.control").delegated()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/job", "/../outside"})
  void v2NotDelegated(String own, @TempDir Path root) throws Exception {
    Host host = new Host(root);
    host.cgroup("", false, 1);
    host.cgroup("/job", false, Kernel.linux().getpid());
    assertThat(host.caller(own).podParent()).isEqualTo("/machine.slice");
  }

  @Test
  void hybridWithControllersOnBothSides() throws Exception {
    Cgroups cgroups = probe("hybrid");
    assertThat(cgroups.layout()).isEqualTo(Layout.HYBRID);
    assertThat(cgroups.unified().orElseThrow().controllers()).containsExactly("hugetlb", "rdma");
    assertThat(cgroups.controller("memory").orElseThrow().unified()).isFalse();
    assertThat(cgroups.podParent()).isEmpty();
  }

  @Test
  void hybridOfSystemd() throws Exception {
    Cgroups cgroups = probe("systemd-hybrid");
    assertThat(cgroups.layout()).isEqualTo(Layout.HYBRID);
    assertThat(cgroups.unified().orElseThrow().controllers()).isEmpty();
    assertThat(cgroups.memberships()).containsEntry("", "/system.slice/rkt-x.service");
  }

  @Test
  void insideAContainer() throws Exception {
    Cgroups cgroups = probe("nested-v1");
    Cgroups.Hierarchy memory = cgroups.controller("memory").orElseThrow();
    String own = Objects.requireNonNull(cgroups.memberships().get("memory"));
    assertThat(own).isEqualTo("/docker/0f1e/inner");
    assertThat(memory.directory(own)).contains(memory.mountPoint() + "/inner");
    assertThat(memory.directory("/docker/0f1e")).contains(memory.mountPoint());
    assertThat(memory.directory("/docker/0f1e2")).as("a neighbour").isEmpty();
  }

  @Test
  void none() throws Exception {
    Cgroups cgroups = probe("none");
    assertThat(cgroups.layout()).isEqualTo(Layout.NONE);
    assertThat(cgroups.memberships()).isEmpty();
    cgroups.removeTree("/rkt-u");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "rkt", "/..", "/a/../..", "/./a"})
  void neverRemovesTheRootOrOutside(String relative) throws Exception {
    Cgroups cgroups = probe("v1");
    assertThatThrownBy(() -> cgroups.removeTree(relative))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
