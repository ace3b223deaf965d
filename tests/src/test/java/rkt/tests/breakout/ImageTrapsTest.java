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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Probe;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Runtimes;

/** Images whose files, links and words are the attack on whoever starts them. */
class ImageTrapsTest {
  private static final String CRUN = "crun";
  private static final String RUNC = "runc";
  private static final String DOCKER = "--annotation=appc.io/docker/registryurl=example.com";

  private Rkt rkt;
  private Path outside;

  @BeforeEach
  void setUp() throws IOException {
    rkt = new Rkt();
    outside = Files.createDirectory(rkt.home().resolve("outside"));
    Files.writeString(outside.resolve("secret"), "secret");
  }

  @AfterEach
  void tearDown() {
    rkt.close();
  }

  private Path rootfs(String name) {
    return Probe.rootfs(rkt.home().resolve("rootfs-" + name));
  }

  private Path image(Path rootfs, String name, String... buildArgs) {
    return Images.aciOf(rkt, rootfs, name, List.of("/bin/probe"), buildArgs);
  }

  private Rkt.Result run(Path image, List<String> flags, String... commands) {
    return rkt.insecure(Probe.arguments(image, List.of("--net=none"), flags, commands));
  }

  /** Every file below the directory of the host, with its content. */
  private Map<String, String> hostFiles() throws IOException {
    Map<String, String> out = new TreeMap<>();
    try (Stream<Path> all = Files.walk(outside)) {
      for (Path each : all.toList()) {
        out.put(
            each.toString(),
            Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS) ? Files.readString(each) : "");
      }
    }
    return out;
  }

  private static void link(Path rootfs, String name, String target) throws IOException {
    Path link = rootfs.resolve(name);
    Rkt.exec("rm", "-rf", link.toString()).ok();
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, Path.of(target));
  }

  /**
   * CVE-2024-45310, CVE-2021-30465, CVE-2024-23652, CVE-2025-52565: whatever rkt and the runtime
   * make in a root file system, at names that are links to the host.
   */
  @ParameterizedTest
  @CsvSource({"crun,true", "runc,false"})
  void nothingIsMadeOrWrittenThroughLinks(String runtime, boolean relative) throws IOException {
    Runtimes.use(rkt, runtime);
    String to = (relative ? "../../../../../../../../../.." : "") + outside;
    Path rootfs = rootfs("links");
    List<String> names =
        List.of("etc/hostname", "etc/hosts", "etc/resolv.conf", "etc/mtab", "etc/localtime");
    for (String name : names) {
      Files.writeString(outside.resolve(Path.of(name).getFileName()), "untouched");
      link(rootfs, name, to + "/" + Path.of(name).getFileName());
    }
    for (String name : List.of("tmp", "run", "srv", "opt/stage2", "usr/local", "dev/shm")) {
      link(rootfs, name, to + "/new-" + Path.of(name).getFileName());
    }
    Path image =
        image(
            rootfs,
            "links",
            "--working-dir=/srv/work",
            "--mount=name=data,path=/usr/local/data",
            DOCKER);
    Map<String, String> before = hostFiles();
    String[] writes = "create /etc/hosts x , create /run/x , mkdir /tmp , say ran".split(" ");
    assertThat(run(image, List.of(), writes).ok().out()).contains("say=ran");
    assertThat(hostFiles()).isEqualTo(before);
    writes = "create /srv/x , create /etc/hostname x , say ran".split(" ");
    assertThat(run(image, List.of("--working-dir=/srv"), writes).ok().out()).contains("say=ran");
    assertThat(hostFiles()).isEqualTo(before);
    rkt.run("gc", "--grace-period=0s").ok();
    assertThat(hostFiles()).isEqualTo(before);
  }

  /**
   * CVE-2019-19921, CVE-2023-27561, CVE-2023-28642: /proc, /sys or /dev of the image are links, so
   * that what protects them ends elsewhere. The first pair is the worst: /proc is another place
   * when it is mounted than when its files are covered.
   */
  @Test
  void systemDirectoriesThatAreLinks() throws IOException {
    String[][] traps = {
      {"proc", "/dev/away", "dev/away", "/real"},
      {"sys", "/dev/away", "dev/away", "/real"},
      {"dev", "/proc", "", ""},
      {"dev", "../".repeat(40) + outside, "", ""},
    };
    for (int i = 0; i < traps.length; i++) {
      String[] trap = traps[i];
      Path rootfs = rootfs("trap" + i);
      Files.createDirectories(rootfs.resolve("real"));
      link(rootfs, trap[0], trap[1]);
      if (!trap[2].isEmpty()) {
        link(rootfs, trap[2], trap[3]);
      }
      Map<String, String> before = hostFiles();
      Path image = image(rootfs, "trap" + i);
      for (String runtime : List.of(CRUN, RUNC)) {
        Runtimes.use(rkt, runtime);
        Rkt.Result result = run(image, List.of(), "say", "ran");
        assertThat(hostFiles()).isEqualTo(before);
        assertThat(result.exited(254).err())
            .contains("its image has a link to ")
            .contains("in the place of /" + trap[0]);
      }
    }
  }

  /**
   * CVE-2025-31133, CVE-2025-52565: runtimes cover files with the /dev/null they find, and bind a
   * terminal over /dev/console. A volume there brings the image's own.
   */
  @ParameterizedTest
  @ValueSource(strings = {"/dev", "/linked/console", "/sly", "/proc/self"})
  void volumesDoNotReplaceDevices(String target) throws IOException {
    Path rootfs = rootfs("devices");
    link(rootfs, "linked", "/dev");
    // Covered by the time of the mount: what it leads to must not count.
    link(rootfs, "dev/null", "/harmless");
    link(rootfs, "dev/pts", "/harmless");
    link(rootfs, "proc/self", "/harmless");
    link(rootfs, "sly", "/dev/null");
    Path image = image(rootfs, "devices", "--mount=name=data,path=" + target, DOCKER);
    Rkt.Result result = run(image, List.of(), "caps").exited(254);
    assertThat(result.err()).contains("mount point").containsPattern("leads to /(dev|proc)");
  }

  /** The same where /dev itself is a link into a volume. */
  @Test
  void devicesInAVolume() throws IOException {
    Path rootfs = rootfs("vol");
    Files.createDirectories(rootfs.resolve("vol/dev"));
    link(rootfs, "vol/dev/null", "/proc/timer_list");
    link(rootfs, "dev", "vol/dev");
    Path image = image(rootfs, "vol", "--mount=name=data,path=/vol", DOCKER);
    assertThat(run(image, List.of(), "caps").exited(254).err())
        .contains("link to /vol/dev in the place of /dev");
  }

  /** What applications have in /dev stays possible. */
  @Test
  void otherVolumesInDev() {
    Path rootfs = rootfs("shm");
    Path image =
        image(rootfs, "shm", "--mount=name=a,path=/dev/shm", "--mount=name=b,path=/dev/mine");
    Probe probe =
        Probe.runImage(
            rkt,
            image,
            List.of("--net=none"),
            List.of(),
            "create /dev/shm/x , create /dev/mine/x".split(" "));
    assertThat(probe.of("create", "/dev/shm/x")).isEqualTo("ok");
    assertThat(probe.of("create", "/dev/mine/x")).isEqualTo("ok");
  }

  /**
   * CVE-2018-15664, CVE-2022-23648: the content of an image that a volume begins with is copied by
   * root of the host, from paths that the image names.
   */
  @Test
  void volumesBeginWithTheImagesFilesAlone() throws IOException {
    Path rootfs = rootfs("prefill");
    link(rootfs, "absolute", outside.toString());
    link(rootfs, "relative", "../../../../../../../../../../../.." + outside);
    Files.createDirectories(rootfs.resolve("inside"));
    Files.writeString(rootfs.resolve("inside/own"), "of the image");
    Files.createSymbolicLink(rootfs.resolve("inside/link"), outside.resolve("secret"));
    Path image =
        image(
            rootfs,
            "prefill",
            DOCKER,
            "--mount=name=a,path=/absolute",
            "--mount=name=b,path=/relative",
            "--mount=name=d,path=/inside",
            "--mount=name=e,path=/x/../../../../../../../../../.." + outside);
    // All but /inside lead to one place in the app, which gets one volume.
    assertThat(run(image, List.of(), "say", "ran").ok().out()).contains("say=ran");
    for (String name : List.of("absolute", "relative")) {
      Path one =
          image(
              rootfs, name, DOCKER, "--mount=name=a,path=/" + name, "--mount=name=d,path=/inside");
      String[] look =
          ("ls /" + name + " , read /inside/own , read /inside/link , say ran").split(" ");
      Probe probe = Probe.of(run(one, List.of(), look).ok().out());
      assertThat(probe.of("ls", "/" + name)).isEmpty();
      assertThat(probe.of("read", "/inside/own")).isEqualTo("ok:of the image");
      assertThat(probe.of("read", "/inside/link")).isEqualTo("error:ENOENT");
    }
    assertThat(rkt.pods()).hasSize(3);
    for (String pod : rkt.pods()) {
      Path volumes = rkt.data().resolve("pods/run/" + pod + "/sharedVolumes");
      assertThat(Rkt.exec("grep", "-r", "of the image", volumes.toString()).ok().out())
          .isNotEmpty();
      assertThat(Rkt.exec("grep", "-r", "secret", volumes.toString()).exited(1).out()).isEmpty();
    }
    assertThat(hostFiles()).hasSize(2);
    link(rootfs, "through", "/proc/1/root" + outside);
    Path through = image(rootfs, "through", DOCKER, "--mount=name=c,path=/through");
    assertThat(run(through, List.of(), "say", "ran").exited(254).err()).contains("leads to /proc");
  }

  /** CVE-2024-21626: a working directory that is a descriptor, here behind a link. */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void workingDirectoriesBehindLinks(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path rootfs = rootfs("cwd");
    String up = "/../../../../../../../../../../../..";
    for (int fd : new int[] {6, 7}) {
      link(rootfs, "w" + fd, "/proc/self/fd/" + fd);
      Path image = image(rootfs, "cwd", "--working-dir=/w" + fd);
      String secret = "." + up + outside + "/secret";
      Rkt.Result result = run(image, List.of(), "names", ",", "open", secret);
      if (result.exit() == 0) {
        Probe probe = Probe.of(result.out());
        assertThat(probe.of("open", secret)).startsWith("error:");
        assertThat(probe.get("cwd")).startsWith("/").doesNotContain("unreachable");
      } else {
        assertThat(result.exited(254).err()).contains("/w" + fd);
      }
    }
  }

  /** CVE-2019-5736, first half: an entry point that is the runtime itself, by /proc/self/exe. */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void entryPointsThatAreTheRuntime(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path program = Runtimes.installed(runtime);
    byte[] before = Files.readAllBytes(program);
    Path rootfs = rootfs("self");
    link(rootfs, "bin/entry", "/proc/self/exe");
    Path script = Files.writeString(rootfs.resolve("bin/script"), "#!/proc/self/exe\n");
    Rkt.exec("chmod", "755", script.toString()).ok();
    Path image = image(rootfs, "self");
    for (String exec : List.of("/bin/entry", "/bin/script")) {
      Rkt.Result result = run(image, List.of("--exec=" + exec), "--version");
      assertThat(result.exit()).as(exec).isNotZero();
      assertThat(result.out()).as(exec).doesNotContain(runtime + " version");
    }
    assertThat(Files.readAllBytes(program)).isEqualTo(before);
  }

  /**
   * CVE-2025-23266, CVE-2022-0811, CVE-2024-3154: words of an image that are commands for a
   * runtime, its hooks or systemd; variables for its dynamic loader.
   */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void wordsOfAnImageDoNotReachTheRuntime(String runtime) {
    Runtimes.use(rkt, runtime);
    Path image =
        image(
            rootfs("words"),
            "words",
            "--annotation=run.oci.handler=krun",
            "--annotation=run.oci.hooks.stdout=" + outside.resolve("hook"),
            "--annotation=run.oci.seccomp-fail-unknown-syscall=0",
            "--annotation=org.systemd.property.execstartpre=x",
            "--label=run.oci.keep-original-groups=1",
            "--env=LD_DEBUG=libs",
            "--env=LD_PRELOAD=/evil.so",
            "--env=_LIBCONTAINER_LOGLEVEL=4",
            "--env=GODEBUG=inittrace=1");
    Rkt.Result result = run(image, List.of(), "env").ok();
    Probe probe = Probe.of(result.out());
    assertThat(probe.of("env", "LD_PRELOAD")).isEqualTo("/evil.so");
    assertThat(probe.of("env", "LD_DEBUG")).isEqualTo("libs");
    assertThat(result.err())
        .doesNotContain("find library")
        .doesNotContain("evil.so")
        .doesNotContain("init ");
    Path pod = rkt.data().resolve("pods/run/" + rkt.pods().getFirst());
    String configs =
        Rkt.exec("find", pod.toString(), "-name", "config.json", "-exec", "cat", "{}", "+")
            .ok()
            .out();
    assertThat(configs)
        .contains("/bin/probe")
        .doesNotContain("krun")
        .doesNotContain("run.oci.hooks")
        .doesNotContain("keep-original-groups")
        .doesNotContain("org.systemd");
    assertThat(outside.resolve("hook")).doesNotExist();
  }

  /**
   * CVE-2022-2989, CVE-2022-36109: a set-group-ID program of the image puts another group in the
   * place of the primary one; files that are closed to members of that have to stay closed.
   */
  @ParameterizedTest
  @ValueSource(strings = {CRUN, RUNC})
  void thePrimaryGroupCannotBeGivenUp(String runtime) throws IOException {
    Runtimes.use(rkt, runtime);
    Path rootfs = rootfs("groups");
    Path program = rootfs.resolve("bin/other-group");
    Files.copy(Probe.binary(), program);
    Rkt.exec("chown", "0:5", program.toString()).ok();
    Rkt.exec("chmod", "2755", program.toString()).ok();
    Path closed = Files.writeString(rootfs.resolve("closed"), "to group 100");
    Rkt.exec("chown", "1:100", closed.toString()).ok();
    Rkt.exec("chmod", "604", closed.toString()).ok();
    Path image = image(rootfs, "groups");
    String[] look = "ids , read /closed".split(" ");
    // Root without the capability that overrides modes, for whom set-group-ID programs work.
    List<String> flags =
        List.of("--group=100", "--caps-retain=CAP_KILL", "--exec=/bin/other-group");
    Probe other = Probe.of(run(image, flags, look).ok().out());
    assertThat(other.get("egid")).isEqualTo("5");
    assertThat(other.set("groups")).contains("100");
    assertThat(other.of("read", "/closed")).isEqualTo("error:EACCES");
    flags = List.of("--user=1000", "--group=100", "--supplementary-gids=7");
    Probe app = Probe.of(run(image, flags, look).ok().out());
    assertThat(app.set("groups")).containsExactlyInAnyOrder("7", "100");
    assertThat(app.of("read", "/closed")).isEqualTo("error:EACCES");
  }

  /** CVE-2024-9676: the user database of an image may be anything, of any size. */
  @Test
  void strangeUserDatabases() throws IOException {
    Path rootfs = rootfs("users");
    Path passwd = rootfs.resolve("etc/passwd");
    Files.delete(passwd);
    Rkt.exec("mkfifo", passwd.toString()).ok();
    assertThat(run(image(rootfs, "users"), List.of("--user=user1"), "ids").exit()).isEqualTo(254);
    Files.delete(passwd);
    Rkt.exec("truncate", "-s", "20M", passwd.toString()).ok();
    assertThat(run(image(rootfs, "users"), List.of("--user=user1"), "ids").exit()).isEqualTo(254);
    link(rootfs, "etc/passwd", "/dev/zero");
    Path image = image(rootfs, "users");
    assertThat(run(image, List.of("--user=user1"), "ids").exit()).isEqualTo(254);
    for (String user : List.of("4294967296", "/proc/self/exe", "0\n0")) {
      Rkt.Result result = run(image, List.of("--user=" + user), "ids");
      assertThat(result.exit()).as(user).isEqualTo(254);
    }
  }
}
