package rkt.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rkt.os.Cgroups;
import rkt.os.Kernel;
import rkt.schema.appc.PodUuid;

/** Every state a pod can be left in, and what gc makes of it. */
class GarbageCollectorTest {
  private static final Duration DAY = Duration.ofHours(24);
  private static final GcRequest ALL = new GcRequest(Duration.ZERO, Duration.ZERO, false);
  private static final GcRequest DEFAULTS = new GcRequest(Duration.ofMinutes(30), DAY, false);

  @TempDir private Path data;
  private final Said said = new Said();

  private PodStore pods() {
    return new PodStore(data, Kernel.linux());
  }

  private void gc(GcRequest request, InstantSource clock) throws Exception {
    new GarbageCollector(pods(), said, clock).collect(request);
  }

  private void gc(GcRequest request) throws Exception {
    gc(request, InstantSource.system());
  }

  /** A pod left in a directory by a process that is gone. */
  private PodUuid left(PodDirectory directory) throws Exception {
    try (Pod pod = pods().create()) {
      Path dir = pod.path();
      Files.createDirectories(dir.resolve("stage1/rootfs/opt/stage2/app/rootfs/deep/deeper"));
      Files.createDirectories(dir.resolve("overlay/deps-sha512-0/upper/app"));
      Files.writeString(dir.resolve("pod"), "{");
      if (directory != PodDirectory.PREPARE) {
        pod.move(directory);
      }
      return pod.uuid();
    }
  }

  private Path in(PodDirectory directory, PodUuid uuid) {
    return data.resolve("pods").resolve(directory.dirName()).resolve(uuid.value());
  }

  private void assertNothingLeft() {
    for (PodDirectory directory : PodDirectory.values()) {
      assertThat(data.resolve("pods").resolve(directory.dirName())).isEmptyDirectory();
    }
  }

  @Test
  void markOnlyMovesAndDeletesNothing() throws Exception {
    PodUuid exited = left(PodDirectory.RUN);
    PodUuid aborted = left(PodDirectory.PREPARE);
    gc(new GcRequest(Duration.ZERO, Duration.ZERO, true));
    assertThat(in(PodDirectory.EXITED_GARBAGE, exited)).isDirectory();
    assertThat(in(PodDirectory.GARBAGE, aborted)).isDirectory();
    assertThat(said.notes)
        .containsExactly(
            "moving pod \"" + exited.value() + "\" to garbage",
            "moving failed prepare \"" + aborted.value() + "\" to garbage");
  }

  @Test
  void everythingGoesWithoutGrace() throws Exception {
    for (PodDirectory directory : PodDirectory.values()) {
      if (directory != PodDirectory.EMBRYO) {
        left(directory);
      }
    }
    Files.createDirectories(
        in(PodDirectory.EMBRYO, PodUuid.ofRandomBytes(rkt.os.RandomBytes.of(16))));
    gc(ALL);
    assertNothingLeft();
    assertThat(said.out).hasSize(2).allMatch(line -> line.startsWith("Garbage collecting pod \""));
  }

  @Test
  void graceKeepsWhatWasMarkedLately() throws Exception {
    PodUuid exited = left(PodDirectory.RUN);
    PodUuid prepared = left(PodDirectory.PREPARED);
    gc(DEFAULTS);
    assertThat(in(PodDirectory.EXITED_GARBAGE, exited)).isDirectory();
    assertThat(in(PodDirectory.PREPARED, prepared)).isDirectory();
    assertThat(said.notes)
        .contains("pod \"" + exited.value() + "\" not removed: still within grace period (30m0s)");
    gc(DEFAULTS, () -> Instant.now().plus(Duration.ofMinutes(31)));
    assertThat(in(PodDirectory.EXITED_GARBAGE, exited)).doesNotExist();
    gc(DEFAULTS, () -> Instant.now().plus(DAY));
    assertNothingLeft();
  }

  @Test
  void aClockSetBackDoesNotKeepPodsForEver() throws Exception {
    PodUuid exited = left(PodDirectory.EXITED_GARBAGE);
    // The mark now lies a year in the future. With grace it is kept and marked anew ...
    gc(DEFAULTS, () -> Instant.now().minus(Duration.ofDays(365)));
    assertThat(in(PodDirectory.EXITED_GARBAGE, exited)).isDirectory();
    // ... without grace it goes, whatever the clock says.
    gc(ALL, () -> Instant.now().minus(Duration.ofDays(365)));
    assertNothingLeft();
  }

  @Test
  void lockedPodsAreSkipped() throws Exception {
    try (Pod running = pods().create();
        Pod preparing = pods().create()) {
      running.move(PodDirectory.RUN);
      gc(ALL);
      assertThat(running.inPlace()).isTrue();
      assertThat(preparing.inPlace()).isTrue();
      assertThat(said.notes).isEmpty();
    }
    gc(ALL);
    assertNothingLeft();
  }

  @Test
  void leftoversInTmpGoUnlessTheirOwnerLives() throws Exception {
    left(PodDirectory.RUN);
    Path dead = Files.createDirectories(data.resolve("tmp/rkt-export-1/rootfs"));
    Path live = Files.createDirectories(data.resolve("tmp/rkt-export-2"));
    try (rkt.os.FileLock lock = rkt.os.FileLock.exclusive(Kernel.linux(), live)) {
      gc(ALL);
      assertThat(dead.getParent()).doesNotExist();
      assertThat(live).isDirectory();
    }
  }

  @Test
  void cgroupsAndRuntimeStateOfAKilledSupervisorGo() throws Exception {
    RootOnly.assume("making cgroups");
    Cgroups cgroups = Cgroups.probe(Kernel.linux());
    PodUuid uuid = left(PodDirectory.RUN);
    String relative = cgroups.podParent() + "/rkt-" + uuid.value();
    Path group = Path.of(cgroups.directories(relative).get(0));
    Path state = Path.of("/run/rkt/oci", uuid.value() + "-app");
    try {
      Files.createDirectories(group.resolve("app"));
      Files.createDirectories(state);
      Files.writeString(state.resolve("status"), "{}");
      Files.writeString(
          in(PodDirectory.RUN, uuid).resolve("launch"),
          "version=1\0cgroup=" + group + "/app\0cgroup=" + group + "\0state=" + state + "\0");
      gc(ALL);
      assertNothingLeft();
      assertThat(group).doesNotExist();
      assertThat(state).doesNotExist();
    } finally {
      cgroups.removeTree(relative);
      Files.deleteIfExists(state.resolve("status"));
      Files.deleteIfExists(state);
    }
  }

  @Test
  void aLaunchFileCannotPointGcElsewhere() throws Exception {
    PodUuid uuid = left(PodDirectory.RUN);
    Path precious = Files.createDirectories(data.resolve("precious"));
    Files.writeString(
        in(PodDirectory.RUN, uuid).resolve("launch"),
        "state=" + precious + "\0cgroup=" + precious + "\0cgroup=/sys/fs/cgroup\0state=/\0");
    gc(ALL);
    assertNothingLeft();
    assertThat(precious).isDirectory();
  }

  @Test
  void leftoverMountsGo() throws Exception {
    RootOnly.assume("mounting");
    PodUuid uuid = left(PodDirectory.RUN);
    Path target = in(PodDirectory.RUN, uuid).resolve("stage1/rootfs/opt/stage2/app/rootfs");
    NamespaceThread.run(
        "test",
        () -> {
          try {
            RootOnly.privateMounts();
            Kernel.linux().mount("tmpfs", target.toString(), "tmpfs", 0, "size=64k");
            Files.writeString(target.resolve("file"), "x");
            new GarbageCollector(pods(), said, InstantSource.system()).collect(ALL);
          } catch (java.io.IOException e) {
            throw Failures.system("test", e);
          }
        });
    assertNothingLeft();
  }
}
