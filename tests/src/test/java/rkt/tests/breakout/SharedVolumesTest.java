package rkt.tests.breakout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Probe;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Runtimes;

/**
 * Volumes that hold what an earlier app left there: links to where the next one is to be mounted.
 */
class SharedVolumesTest {
  private static final String CRUN = "crun";
  private static final String RUNC = "runc";

  private Rkt rkt;
  private Path outside;
  private Path shared;
  private Path own;
  private String image;

  @BeforeEach
  void setUp() throws IOException {
    rkt = new Rkt();
    outside = Files.createDirectories(rkt.home().resolve("outside/dir")).getParent();
    Files.writeString(outside.resolve("file"), "untouched");
    shared = Files.createDirectory(rkt.home().resolve("shared"));
    own = Files.createDirectory(rkt.home().resolve("own"));
    Files.writeString(own.resolve("mine"), "mine");
    image =
        rkt.insecure("fetch", "--full", Probe.image(rkt, "probe").toString()).ok().out().strip();
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Map<String, String> files(Path dir) throws IOException {
    Map<String, String> out = new TreeMap<>();
    try (Stream<Path> all = Files.walk(dir)) {
      for (Path each : all.toList()) {
        out.put(
            each.toString(),
            Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS) ? Files.readString(each) : "");
      }
    }
    return out;
  }

  /** A pod of the shared volume at /shared and the app's own at a path below it. */
  private Rkt.Result pod(String target, String... commands) throws IOException {
    String manifest =
        """
        {"acVersion":"0.8.11","acKind":"PodManifest","apps":[{"name":"app","image":{"id":"%s"},
         "app":{"exec":["/bin/probe","%s"],"user":"0","group":"0"},
         "mounts":[{"volume":"shared","path":"/shared"},{"volume":"own","path":"%s"}]}],
         "volumes":[{"name":"shared","kind":"host","source":"%s"},
                    {"name":"own","kind":"host","source":"%s"}]}
        """
            .formatted(image, String.join("\",\"", commands), target, shared, own);
    Path file = Files.writeString(rkt.home().resolve("pod.json"), manifest);
    return rkt.insecure("run", "--net=none", "--pod-manifest=" + file);
  }

  /** CVE-2021-30465, CVE-2024-45310, CVE-2017-1002101: a mount point below links of a volume. */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void linksInAVolumeDoNotLeadMountsToTheHost(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Files.createSymbolicLink(shared.resolve("absolute"), outside);
    Files.createSymbolicLink(
        shared.resolve("relative"), Path.of("../../../../../../../../../../../.." + outside));
    Map<String, String> before = files(outside);
    for (String place :
        List.of(
            "absolute/dir",
            "absolute/new/deep",
            "absolute/file",
            "relative/dir",
            "relative/new/deep",
            "relative/file")) {
      String target = "/shared/" + place;
      Rkt.Result result = pod(target, "create", target + "/written", "x");
      assertThat(Probe.of(result.ok().out()).of("create", target + "/written")).isEqualTo("ok");
      assertThat(own.resolve("written")).hasContent("x");
      Files.delete(own.resolve("written"));
      assertThat(files(outside)).as(target).isEqualTo(before);
    }
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(own.toString());
  }

  /** CVE-2019-16884, CVE-2019-19921, CVE-2025-31133, -52881: the same, to /proc and /dev. */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void linksInAVolumeDoNotLeadMountsOverProcAndDev(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Files.createSymbolicLink(own.resolve("null"), Path.of("/proc/timer_list"));
    for (String place : List.of("/proc", "/proc/self", "/dev", "/dev/pts")) {
      Files.deleteIfExists(shared.resolve("link"));
      Files.createSymbolicLink(shared.resolve("link"), Path.of(place));
      Map<String, String> before = files(own);
      assertThat(pod("/shared/link", "say", "ran").exited(254).err())
          .contains("mount point \"/shared/link\" leads to " + place);
      assertThat(files(own)).as("nothing was made in the volume").isEqualTo(before);
    }
  }

  /** CVE-2024-23652: what rkt removes is the pod's, not what the pod's links lead to. */
  @ParameterizedTest
  @ValueSource(strings = {"--no-overlay=false", "--no-overlay"})
  void removalDoesNotFollowLinks(String overlay) throws IOException {
    Map<String, String> before = files(outside);
    Path image = Probe.image(rkt, "volumes", "--mount=name=data,path=/data");
    String to = "../../../../../../../../../../../../.." + outside;
    Probe probe =
        Probe.runImage(
            rkt,
            image,
            List.of("--net=none", overlay),
            List.of(),
            ("symlink %s /data/a , symlink %s /data/b , symlink %s /etc/c , remove /tmp , symlink %s /tmp , symlink %s /run/d"
                    .formatted(outside, to, to, to, outside))
                .split(" "));
    assertThat(probe.all("symlink").values()).allMatch("ok"::equals);
    rkt.run("rm", rkt.pods().getFirst()).ok();
    rkt.run("gc", "--grace-period=0s").ok();
    assertThat(rkt.pods()).isEmpty();
    assertThat(files(outside)).isEqualTo(before);
  }
}
