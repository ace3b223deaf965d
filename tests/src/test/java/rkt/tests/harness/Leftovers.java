package rkt.tests.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Finds what a pod may leave on a machine: mounts, cgroups, processes, runtime state, network
 * namespaces, files.
 */
public final class Leftovers {
  private Leftovers() {}

  /** Fails when anything of the rkt whose directories are below {@code home} is still there. */
  public static void assertNone(Path home) {
    List<String> found = new ArrayList<>();
    mounts(home, found);
    processes(home, found);
    for (String state :
        List.of("run", "prepare", "embryo", "garbage", "exited-garbage", "prepared")) {
      children(home.resolve("data/pods").resolve(state), found, "pod");
    }
    children(home.resolve("data/cas/tmp"), found, "temporary file of the store");
    claims(home, found);
    assertThat(found).as("left behind by rkt").isEmpty();
  }

  /** Fails when a cgroup, runtime state or network namespace of this pod is still there. */
  public static void assertNoneOfPod(String uuid) {
    List<String> found = new ArrayList<>();
    cgroupsOf(uuid).forEach(path -> found.add("cgroup " + path));
    for (String dir : List.of("/run/rkt/oci", "/run/netns")) {
      Path path = Path.of(dir);
      if (Files.isDirectory(path)) {
        try (Stream<Path> list = Files.list(path)) {
          list.filter(p -> p.toString().contains(uuid)).forEach(p -> found.add(p.toString()));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    assertThat(found).as("left behind by pod " + uuid).isEmpty();
  }

  /** The cgroups of a pod, in every hierarchy. */
  public static List<Path> cgroupsOf(String uuid) {
    List<Path> found = new ArrayList<>();
    cgroups(Path.of("/sys/fs/cgroup"), uuid, 4, found);
    return found;
  }

  /**
   * By hand, because {@code Files.walk} ends at a cgroup that another test removes under our eyes.
   */
  private static void cgroups(Path dir, String uuid, int depth, List<Path> found) {
    List<Path> children;
    try (Stream<Path> list = Files.list(dir)) {
      children = list.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)).toList();
    } catch (IOException | UncheckedIOException e) {
      return;
    }
    for (Path child : children) {
      if (child.getFileName().toString().contains(uuid)) {
        found.add(child);
      }
      if (depth > 1) {
        cgroups(child, uuid, depth - 1, found);
      }
    }
  }

  private static void mounts(Path home, List<String> found) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
        String[] fields = line.split(" ");
        if (fields[4].startsWith(home.toString())) {
          found.add("mount " + fields[4]);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void processes(Path home, List<String> found) {
    ProcessHandle.allProcesses()
        .filter(p -> p.info().commandLine().orElse("").contains(home + "/"))
        .filter(ProcessHandle::isAlive)
        .forEach(p -> found.add("process " + p.pid() + " " + p.info().commandLine().orElse("")));
  }

  /** Ranges of user IDs (--private-users). */
  private static void claims(Path home, List<String> found) {
    Path ranges = Path.of("/run/rkt/ranges");
    if (!Files.isDirectory(ranges)) {
      return;
    }
    try (Stream<Path> list = Files.list(ranges)) {
      for (Path each : list.filter(Files::isSymbolicLink).toList()) {
        if (Files.readSymbolicLink(each).startsWith(home)) {
          found.add("claim " + each);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void children(Path dir, List<String> found, String what) {
    if (!Files.isDirectory(dir)) {
      return;
    }
    try (Stream<Path> list = Files.list(dir)) {
      list.forEach(p -> found.add(what + " " + p));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
