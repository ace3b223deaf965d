package rkt.tests.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;

/** `--pod-manifest`: TestPodManifest, each case by run and by prepare with run-prepared. */
class PodManifestTest {
  private static Rkt rkt;
  private static String id;
  private static String restricted;

  @BeforeAll
  static void setUp() {
    rkt = new Rkt();
    id = fetch(Images.script(rkt, "app", "echo the image\\'s own"));
    restricted =
        fetch(
            Images.script(
                rkt,
                "restricted",
                "true",
                "--isolator=os/linux/capabilities-retain-set={\"set\":[\"CAP_CHOWN\"]}"));
  }

  @AfterAll
  static void tearDown() {
    if (rkt != null) {
      rkt.close();
    }
  }

  private static String fetch(Path aci) {
    return rkt.insecure("fetch", "--full", aci.toString()).ok().out().strip();
  }

  /** A case: the app's entry, what comes out, and with which exit code. */
  record Case(String name, String entry, String output, int exit) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static String app(String user, String group, String more, String... exec) {
    List<String> words = new ArrayList<>();
    for (String word : exec) {
      words.add(
          "\"" + word.replace("\\", "\\\\").replace("\"", "\\\"").replace("\t", "\\t") + "\"");
    }
    return "\"app\": {\"exec\": %s, \"user\": \"%s\", \"group\": \"%s\"%s}"
        .formatted(words, user, group, more);
  }

  private static String shell(String more, String script) {
    return app("0", "0", more, "/bin/sh", "-c", script);
  }

  private static String isolators(String... isolators) {
    return ", \"isolators\": [" + String.join(",", isolators) + "]";
  }

  private static final String IDS = "echo $(id -u):$(id -g)";

  static Stream<Case> cases() {
    String special = "a b\t\"$HOME\" %n \\ 'q' * ~ ü";
    return Stream.of(
        new Case(
            "special characters in arguments",
            app("0", "0", "", "/bin/echo", "-n", special),
            special,
            0),
        new Case(
            "working directory",
            shell(", \"workingDirectory\": \"/dir1\"", "pwd; cat file"),
            "/dir1\ndir1",
            0),
        new Case("the image's app", "\"annotations\": []", "the image's own\n", 0),
        new Case(
            "environment",
            shell(", \"environment\": [{\"name\": \"K\", \"value\": \"v=1\"}]", "echo $K"),
            "v=1\n",
            0),
        new Case(
            "writable root",
            "\"readOnlyRootFS\": false," + shell("", "echo x > /new && cat /new"),
            "x\n",
            0),
        new Case(
            "read-only root",
            "\"readOnlyRootFS\": true," + shell("", "cat /dir1/file; echo x > /new || exit 9"),
            "dir1",
            9),
        new Case(
            "read-only root with a writable volume",
            "\"readOnlyRootFS\": true, \"mounts\": [{\"volume\": \"v\", \"path\": \"/dir1\"}],"
                + shell("", "echo x > /dir1/new && cat /dir1/new"),
            "x\n",
            0),
        new Case(
            "empty volume with mode and owner",
            "\"mounts\": [{\"volume\": \"v\", \"path\": \"/dir1\"}],"
                + shell("", "stat -c '%a %u %g' /dir1"),
            "123 9991 9992\n",
            0),
        new Case(
            "cpu",
            shell(
                isolators("{\"name\":\"resource/cpu\",\"value\":{\"limit\":\"100m\"}}"),
                "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max 2>/dev/null"
                    + " | head -n 1 | grep -o '^10000$'"),
            "10000\n",
            0),
        new Case(
            "memory",
            shell(
                isolators("{\"name\":\"resource/memory\",\"value\":{\"limit\":\"16Mi\"}}"),
                "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max"
                    + " 2>/dev/null | head -n 1"),
            "16777216\n",
            0),
        new Case(
            "capabilities of the manifest",
            shell(
                isolators(
                    "{\"name\":\"os/linux/capabilities-retain-set\","
                        + "\"value\":{\"set\":[\"CAP_NET_ADMIN\"]}}"),
                "grep CapBnd /proc/self/status"),
            "CapBnd:\t0000000000001000\n",
            0),
        new Case("numbers", app("1001", "2002", "", "/bin/sh", "-c", IDS), "1001:2002\n", 0),
        new Case("names", app("user1", "group1", "", "/bin/sh", "-c", IDS), "1000:100\n", 0),
        new Case("root", app("root", "root", "", "/bin/sh", "-c", IDS), "0:0\n", 0),
        new Case("owner of a path", app("/dir1", "/dir1", "", "/bin/sh", "-c", IDS), "0:0\n", 0),
        new Case("unknown user", app("user2", "0", "", "/bin/true"), "\"user2\"", 254),
        new Case("unknown group", app("0", "group2", "", "/bin/true"), "\"group2\"", 254),
        new Case("unknown path", app("/none", "0", "", "/bin/true"), "no such file", 254));
  }

  private Path manifest(String image, String entry) throws IOException {
    Path file = Files.createTempFile(rkt.home(), "pod", ".json");
    Files.writeString(
        file,
        """
        {"acKind": "PodManifest", "acVersion": "0.8.11",
         "volumes": [{"name": "v", "kind": "empty", "mode": "0123", "uid": 9991, "gid": 9992}],
         "apps": [{"name": "one", "image": {"id": "%s"}, %s}]}
        """
            .formatted(image, entry));
    return file;
  }

  private static List<Rkt.Result> both(Path file) {
    Rkt.Result run = rkt.run("run", "--net=none", "--pod-manifest=" + file);
    String uuid = rkt.run("prepare", "--pod-manifest=" + file).ok().out().strip();
    Rkt.Result later = rkt.run("run-prepared", "--net=none", uuid);
    return List.of(run, later);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void eachCase(Case each) throws IOException {
    for (Rkt.Result result : both(manifest(id, each.entry()))) {
      result.exited(each.exit());
      if (each.exit() == 254) {
        assertThat(result.err()).contains(each.output());
      } else {
        assertThat(result.out()).isEqualTo(each.output());
      }
    }
  }

  @Test
  void theManifestsAppDropsTheImagesIsolators() throws IOException {
    for (Rkt.Result result :
        both(manifest(restricted, shell("", "grep CapBnd /proc/self/status")))) {
      assertThat(result.ok().out()).isEqualTo("CapBnd:\t00000000a80425fb\n");
    }
  }

  @Test
  void theManifestIsKeptByteByByte() throws IOException {
    Path file = manifest(id, shell("", "true"));
    String uuid = rkt.run("prepare", "--pod-manifest=" + file).ok().out().strip();
    assertThat(rkt.data().resolve("pods/prepared").resolve(uuid).resolve("pod"))
        .hasSameBinaryContentAs(file);
    assertThat(rkt.run("list", "--no-legend").ok().out()).contains("example.com/app:1.0.0");
    assertThat(rkt.run("cat-manifest", uuid).ok().out()).contains("\"name\": \"one\"");
    rkt.run("rm", uuid).ok();
  }

  /** TestRunConflictingFlags, TestPrepareConflictingFlags. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--inherit-env",
        "--no-store",
        "--store-only",
        "--pull-policy=never",
        "--platform=linux/amd64",
        "--volume=v,kind=empty",
        "--mount=volume=v,target=/v",
        "--sysctl=kernel.msgmax=8192",
        "--set-env=A=b",
        "--set-env-file=/dev/null",
        "IMAGE",
        "IMAGE --exec=/bin/true",
        "IMAGE --user=1",
        "IMAGE --group=1"
      })
  void whatTheManifestSaysItselfConflicts(String flags) {
    for (String command : List.of("run", "prepare")) {
      String[] args =
          (command + " --pod-manifest=/dev/null " + flags.replace("IMAGE", id)).split(" ");
      assertThat(rkt.run(args).exited(254).err())
          .contains("conflicting flags set with --pod-manifest (see --help)");
    }
  }

  @Test
  void badManifestsAreRefusedAndLeaveNothing() throws IOException {
    List<String> before = rkt.pods();
    refused(
        "{\"acKind\":\"PodManifest\",\"acVersion\":\"0.8.11\",\"apps\":[]}",
        "pod must contain at least one application");
    refused("", "is empty");
    refused("{\"acKind\":\"ImageManifest\"}", "bad ACKind");
    refused(
        "{\"acKind\":\"PodManifest\",\"acVersion\":\"0.8.11\",\"apps\":[{\"name\":\"a\"}]}",
        "image");
    String app =
        "{\"name\":\"a\",\"image\":{\"id\":\"%s\"},\"app\":{\"exec\":[\"/x\"],"
            + "\"user\":\"0\",\"group\":\"0\"%s}%s}";
    refused(pod(app.formatted("sha512-" + "0".repeat(64), "", "")), "sha512-000");
    refused(pod(app.formatted(id, "", "") + "," + app.formatted(id, "", "")), "a");
    refused(
        pod(app.formatted(id, "", ",\"mounts\":[{\"volume\":\"none\",\"path\":\"/x\"}]")), "none");
    refused(pod(app.formatted(id, ",\"isolators\":[{\"name\":\"os/x\",\"value\":1}]", "")), "os/x");
    assertThat(rkt.run("run", "--net=none", "--pod-manifest=/none/pod.json").exited(254).err())
        .contains("/none/pod.json");
    assertThat(rkt.pods()).isEqualTo(before);
  }

  private static String pod(String apps) {
    return "{\"acKind\":\"PodManifest\",\"acVersion\":\"0.8.11\",\"apps\":[" + apps + "]}";
  }

  private static void refused(String manifest, String why) throws IOException {
    Path file = Files.createTempFile(rkt.home(), "bad", ".json");
    Files.writeString(file, manifest);
    for (String command : List.of("run", "prepare")) {
      assertThat(rkt.run(command, "--pod-manifest=" + file).exited(254).err()).contains(why);
    }
  }
}
