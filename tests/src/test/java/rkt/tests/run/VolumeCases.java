package rkt.tests.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import rkt.tests.harness.Images;
import rkt.tests.harness.Rkt;
import rkt.tests.harness.Runtimes;

/** Volumes and mounts, seen from inside the pod; the same with either OCI runtime. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class VolumeCases {
  private Rkt rkt;
  private String image;
  private String linked;
  private String docker;
  private String appc;
  private Path host;

  /** The name of the OCI runtime. */
  abstract String runtime();

  @BeforeAll
  void setUpAll() throws IOException {
    rkt = new Rkt();
    Runtimes.use(rkt, runtime());
    image = fetch(Images.aci(rkt, "app", List.of("/bin/sh", "-c")));
    Path root = Images.rootfs(rkt.home().resolve("linked"));
    for (Map.Entry<String, String> link : LINKS.entrySet()) {
      Files.createSymbolicLink(
          root.resolve("dir1").resolve(link.getKey()), Path.of(link.getValue()));
    }
    Files.createDirectories(root.resolve("owned"));
    Files.writeString(root.resolve("owned/seed"), "of the image");
    Files.setPosixFilePermissions(
        root.resolve("owned"), PosixFilePermissions.fromString("rwx--x--x"));
    Files.setAttribute(root.resolve("owned"), "unix:uid", 1234);
    linked = fetch(Images.aciOf(rkt, root, "linked", List.of("/bin/sh", "-c")));
    appc =
        fetch(
            Images.aci(
                rkt,
                "appc",
                List.of("/bin/sh", "-c"),
                "--mount=name=one,path=/dir1",
                "--mount=name=ro,path=/ro,readOnly=true"));
    docker =
        fetch(
            Images.aciOf(
                rkt,
                root,
                "docker",
                List.of("/bin/sh", "-c"),
                "--annotation=appc.io/docker/repository=whatever",
                "--mount=name=one,path=/dir1",
                "--mount=name=two,path=/dir1/link_abs_dir2",
                "--mount=name=three,path=/owned"));
  }

  private static final Map<String, String> LINKS =
      new TreeMap<>(
          Map.of(
              "link_abs_dir2", "/dir2",
              "link_abs_dotdot_dir2", "/../dir2",
              "link_rel_dir2", "../dir2",
              "link_abs_root", "/",
              "link_abs_notexists", "/notexists",
              "link_rel_out", "../../../../tmp"));

  private String fetch(Path aci) {
    return rkt.insecure("fetch", "--full", aci.toString()).ok().out().strip();
  }

  @AfterAll
  void tearDownAll() {
    if (rkt != null) {
      rkt.close();
    }
  }

  @BeforeEach
  void makeHostDirectory() throws IOException {
    host = Files.createTempDirectory(rkt.home(), "host");
    Files.writeString(host.resolve("file"), "of the host");
    Files.createDirectory(host.resolve("inner"));
    Files.writeString(host.resolve("inner/file"), "outer");
  }

  @AfterEach
  void unmount() {
    Rkt.exec("umount", "-q", host.resolve("inner").toString());
    Rkt.exec("umount", "-q", host.toString());
  }

  private void mountInner() throws IOException {
    Rkt.exec("mount", "-t", "tmpfs", "none", host.resolve("inner").toString()).ok();
    Files.writeString(host.resolve("inner/file"), "inner");
  }

  private Rkt.Result sh(String script, String... flags) {
    return run(image, script, flags);
  }

  private Rkt.Result run(String which, String script, String... flags) {
    List<String> args = new ArrayList<>(List.of("run", "--net=none"));
    args.addAll(List.of(flags));
    args.addAll(List.of(which, "--", script));
    return rkt.insecure(args.toArray(String[]::new));
  }

  /** A volume v of the host's directory. */
  private String volume(String more) {
    return "--volume=v,kind=host,source=" + host + more;
  }

  private static String mount(String target) {
    return "--mount=volume=v,target=" + target;
  }

  @Test
  void aMissingSourceIsNamed() {
    Rkt.Result result =
        sh("true", "--volume=v,kind=host,source=" + host + "/none", mount("/x")).exited(254);
    assertThat(result.err())
        .contains("Failed to stat " + host + "/none: No such file or directory");
  }

  @ParameterizedTest
  @CsvSource({"'',0", "',readOnly=false',0", "',readOnly=true',1"})
  void contentIsReadAndWrittenThroughAVolume(String more, int exit) throws IOException {
    Rkt.Result result =
        sh("cat /dir1/file; echo x > /dir1/new", volume(more), mount("/dir1")).exited(exit);
    assertThat(result.out()).isEqualTo("of the host");
    if (exit == 0) {
      assertThat(host.resolve("new")).hasContent("x\n");
    } else {
      assertThat(result.err()).contains("Read-only file system");
      assertThat(host.resolve("new")).doesNotExist();
    }
  }

  @Test
  void withoutAVolumeTheImagesFilesShow() {
    assertThat(sh("cat /dir1/file; echo x > /dir1/file; cat /dir1/file").ok().out())
        .isEqualTo("dir1x\n");
  }

  @Test
  void missingTargetsAndTheirParentsAreMade() {
    String script = "cat /a/b/c/file; stat -c '%A %u' /a /a/b; stat -c %F /one/two";
    Rkt.Result result =
        sh(
            script,
            volume(""),
            mount("/a/b/c"),
            "--volume=w,kind=host,source=" + host + "/file",
            "--mount=volume=w,target=/one/two");
    assertThat(result.ok().out())
        .isEqualTo("of the hostdrwxr-xr-x 0\ndrwxr-xr-x 0\nregular file\n");
  }

  @Test
  void aVolumeInAVolumeLiesOnTop() throws IOException {
    Rkt.Result result =
        sh(
            "cat /data/in/deep/file /data/file; stat -c %A /data/in",
            "--volume=w,kind=host,source=" + host + "/inner",
            "--mount=volume=w,target=/data/in/deep",
            volume(""),
            mount("/data"));
    assertThat(result.ok().out()).isEqualTo("outerof the hostdrwxr-xr-x\n");
    Rkt.Result readOnly =
        sh(
            "true",
            "--volume=w,kind=empty",
            "--mount=volume=w,target=/data/not/there",
            volume(",readOnly=true"),
            mount("/data"));
    assertThat(readOnly.exited(254).err())
        .contains("cannot make the mount point /data/not/there: /data, where it would be, is")
        .contains("make it in " + host + " beforehand");
  }

  @Test
  void oneVolumeServesTwoApps() {
    List<String> args =
        List.of(
            "run",
            "--net=none",
            "--volume=v,kind=empty",
            "--mount=volume=v,target=/shared",
            image,
            "--name=writer",
            "--",
            "echo from-writer > /shared/tmp; mv /shared/tmp /shared/done || cat /shared/tmp >"
                + " /shared/done",
            "---",
            image,
            "--name=reader",
            "--mount=volume=v,target=/other",
            "--",
            "until test -e /other/done; do sleep 0.1; done; cat /other/done");
    assertThat(rkt.insecure(args.toArray(String[]::new)).ok().out()).contains("from-writer");
  }

  @Test
  void anAppsOwnMountOfAPlaceWins() throws IOException {
    Path other = Files.createDirectory(host.resolve("other"));
    Files.writeString(other.resolve("file"), "of the app");
    List<String> args =
        List.of(
            "run",
            "--net=none",
            volume(""),
            "--volume=w,kind=host,source=" + other,
            mount("/x/"),
            image,
            "--mount=volume=w,target=/./x",
            "--mount=volume=v,target=/x//",
            "--",
            "cat /x/file");
    assertThat(rkt.insecure(args.toArray(String[]::new)).ok().out()).isEqualTo("of the app");
  }

  @Test
  void emptyVolumesHaveTheirModeAndOwner() {
    for (String flags : List.of("", "--readonly-rootfs=true")) {
      List<String> args =
          new ArrayList<>(
              List.of(
                  "run",
                  "--net=none",
                  "--volume=v,kind=empty,mode=0123,uid=9991,gid=9992",
                  mount("/e"),
                  image));
      if (!flags.isEmpty()) {
        args.add(flags);
      }
      args.addAll(List.of("--", "stat -c '%a %u %g' /e; echo x > /e/f; cat /e/f"));
      assertThat(rkt.insecure(args.toArray(String[]::new)).ok().out())
          .isEqualTo("123 9991 9992\nx\n");
    }
  }

  @Test
  void aTmpfsVolumeIsAsLargeAsAsked() {
    Rkt.Result result =
        sh(
            "stat -c '%a %u %g' /t; grep ' /t ' /proc/mounts; dd if=/dev/zero of=/t/f bs=1024"
                + " count=65",
            "--volume=v,kind=tmpfs,size=64Ki,mode=0701,uid=7,gid=8", mount("/t"));
    assertThat(result.exited(1).out())
        .startsWith("701 7 8\n")
        .contains("tmpfs")
        .contains("nosuid,nodev")
        .contains("size=64k");
    assertThat(result.err()).contains("No space left on device");
    assertThat(sh("true", "--volume=v,kind=tmpfs,size=64m", mount("/t")).exited(254).err())
        .contains("size of tmpfs volume must be at least 4096 bytes");
  }

  @Test
  void mountPointsOfTheImageAreFilledIfItIsDockers() {
    Rkt.Result result =
        run(
            docker,
            "cat /dir1/file /dir2/file /owned/seed; stat -c '%a %u' /owned; echo x > /dir1/new;"
                + " grep -c -E ' /(dir1|dir2|owned) ' /proc/mounts");
    assertThat(result.ok().out()).isEqualTo("dir1dir2of the image711 1234\n3\n");
    assertThat(result.err())
        .contains("warning: no volume specified for mount point \"one\", implicitly creating")
        .contains("Docker converted image, initializing implicit volume");
  }

  @Test
  void aPodManifestOfADockerImageFillsThemToo() throws IOException {
    String manifest =
        """
        {"acKind":"PodManifest","acVersion":"0.8.11",
         "apps":[{"name":"a","image":{"id":"%s"},
          "app":{"exec":["/bin/cat","/dir1/file","/dir2/file","/new/file"],"user":"0","group":"0",
           "mountPoints":[{"name":"one","path":"/dir1"},
                          {"name":"two","path":"/dir1/link_abs_dir2"}]},
          "mounts":[{"volume":"v","path":"/new"}]}],
         "volumes":[{"name":"v","kind":"host","source":"%s"}]}
        """
            .formatted(docker, host);
    Path file = Files.writeString(rkt.home().resolve("docker.json"), manifest);
    assertThat(rkt.run("run", "--net=none", "--pod-manifest=" + file).ok().out())
        .isEqualTo("dir1dir2of the host");
    String uuid = rkt.run("prepare", "--pod-manifest=" + file).ok().out().strip();
    assertThat(rkt.run("run-prepared", "--net=none", uuid).ok().out())
        .isEqualTo("dir1dir2of the host");
  }

  @Test
  void mountPointsOfOtherImagesAreEmpty() {
    Rkt.Result result = run(appc, "ls /dir1; echo x > /dir1/x; cat /dir1/x; cat /dir2/file");
    assertThat(result.ok().out()).isEqualTo("x\ndir2");
    assertThat(result.err()).contains("implicitly creating").doesNotContain("Docker converted");
    assertThat(run(appc, "cat /dir1/file; touch /dir1/x", volume(""), mount("/dir1/.")).ok().out())
        .isEqualTo("of the host");
    String named = "--volume=one,kind=host,source=" + host;
    assertThat(run(appc, "cat /dir1/file; touch /ro/x", named).exited(1).out())
        .isEqualTo("of the host");
    String readOnly = "--volume=ro,kind=host,readOnly=false,source=" + host;
    run(appc, "touch /ro/x", readOnly).ok();
  }

  @ParameterizedTest
  @CsvSource({
    "/dir1/link_abs_dir2, /dir2",
    "/dir1/link_abs_dotdot_dir2, /dir2",
    "/dir1/link_rel_dir2, /dir2",
    "/dir1/link_abs_dir2/foo, /dir2/foo",
    "/dir1/link_abs_dotdot_dir2/foo/bar, /dir2/foo/bar",
    "/dir1/link_rel_dir2/foo, /dir2/foo",
    "/dir1/link_abs_root/notexists/bar, /notexists/bar",
    "/dir1/link_abs_root/dir2, /dir2",
    "/dir1/link_abs_notexists, /notexists",
    "/dir1/link_abs_notexists/bar, /notexists/bar",
    "/dir1/link_rel_out/x, /tmp/x",
    "../../../foo, /foo",
    "/../../dir2, /dir2",
    "foo/bar, /foo/bar",
  })
  void linksInTargetsStayInside(String target, String place) {
    Rkt.Result result =
        run(
            linked,
            "cat " + place + "/file; grep -c ' " + place + " ' /proc/mounts",
            volume(""),
            mount(target));
    assertThat(result.ok().out()).isEqualTo("of the host1\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/proc",
        "/proc/sys",
        "/dir1/link_abs_root",
        "/dir1/link_abs_root/proc/1",
        "/dev",
        "/dev/pts",
        "/dev/fd",
        "/dev/stdout"
      })
  void somePlacesAreRefused(String target) {
    assertThat(run(linked, "true", volume(""), mount(target)).exited(254).err())
        .contains("mount point \"" + target + "\" leads to ");
  }

  @Test
  void kindsOfFilesMustMatch() {
    assertThat(sh("true", volume(""), mount("/etc/passwd")).exited(254).err())
        .contains("cannot mount " + host + " on /etc/passwd: a directory on a file");
    String file = "--volume=v,kind=host,source=" + host + "/file";
    assertThat(sh("true", file, mount("/etc")).exited(254).err()).contains("a file on a directory");
    assertThat(sh("cat /etc/passwd", file, mount("/etc/passwd")).ok().out())
        .isEqualTo("of the host");
  }

  @Test
  void mountsBelowTheSourceComeAlongUnlessTheyShallNot() throws IOException {
    mountInner();
    String read = "cat /dir1/inner/file";
    assertThat(sh(read, volume(""), mount("/dir1")).ok().out()).isEqualTo("inner");
    assertThat(sh(read, volume(",recursive=true"), mount("/dir1")).ok().out()).isEqualTo("inner");
    assertThat(sh(read, volume(",recursive=false"), mount("/dir1")).ok().out()).isEqualTo("outer");
  }

  @Test
  void readOnlyIsReadOnlyToTheLastMount() throws IOException {
    mountInner();
    String write = "echo x > /dir1/inner/new";
    assertThat(sh(write, volume(",readOnly=true"), mount("/dir1")).exited(1).err())
        .contains("Read-only file system");
    assertThat(sh(write, volume(",readOnly=true,recursive=false"), mount("/dir1")).exited(1).err())
        .contains("Read-only file system");
    sh(write, volume(""), mount("/dir1")).ok();
    assertThat(host.resolve("inner/new")).hasContent("x\n");
    // That of the pod, not of the host.
    Files.writeString(host.resolve("still-writable"), "");
  }

  @Test
  void laterMountsOfTheHostArriveIfAsked() throws IOException {
    // Mounts spread from shared mounts only, which those of this machine may not be.
    Rkt.exec("mount", "--bind", host.toString(), host.toString()).ok();
    Rkt.exec("mount", "--make-shared", host.toString()).ok();
    for (boolean follows : new boolean[] {true, false}) {
      Rkt.Running pod =
          rkt.startInsecure(
              "run",
              "--net=none",
              volume(follows ? ",propagation=rslave" : ""),
              mount("/dir1"),
              image,
              "--",
              "echo up; until test -e /dir1/go; do sleep 0.1; done; cat /dir1/inner/file");
      Rkt.waitFor("the app", () -> pod.output().contains("up"));
      mountInner();
      Files.writeString(host.resolve("go"), "");
      assertThat(pod.await().ok().out()).isEqualTo("up\n" + (follows ? "inner" : "outer"));
      Files.delete(host.resolve("go"));
      Rkt.exec("umount", host.resolve("inner").toString()).ok();
    }
    Rkt.exec("umount", host.toString()).ok();
    assertThat(sh("true", volume(",propagation=rshared"), mount("/x")).exited(254).err())
        .contains("invalid value in --volume flag")
        .contains("mounts made in a pod never reach the host");
  }

  @Test
  void escapesStandForTheCharactersOfTheNotation() throws IOException {
    Path odd = Files.createDirectory(host.resolve("a,b&c=d:e+f %41"));
    Files.writeString(odd.resolve("file"), "odd");
    String source = host + "/a%2Cb%26c%3Dd:e%2Bf %2541";
    assertThat(
            sh("cat '/x,y:z/file'", "--volume=v,kind=host,source=" + source, mount("/x%2Cy:z"))
                .ok()
                .out())
        .isEqualTo("odd");
    assertThat(sh("true", "--volume=v,kind=host,source=/x%00y", mount("/x")).exited(254).err())
        .contains("invalid value in --volume flag");
  }

  @Test
  void devicesMayBeUsedAsTheVolumeSays() {
    assumeTrue(Files.exists(Path.of("/dev/loop-control")), "no /dev/loop-control");
    String device = "--volume=v,kind=host,source=/dev/loop-control";
    for (String target : List.of("/dev/lc", "/dir1/lc")) {
      // EINVAL is the device's own answer; EPERM would be that of the device policy.
      assertThat(sh("cat " + target, device, mount(target)).exited(1).err())
          .contains("Invalid argument");
      assertThat(sh("exec 3<>" + target, device + ",readOnly=true", mount(target)).exit())
          .as("no writing")
          .isNotIn(0, 254);
    }
    assertThat(sh("mknod /x c 10 237 && cat /x").err()).contains("Operation not permitted");
    assertThat(sh("mknod /x c 5 2 && echo made", device, mount("/dev/lc")).exit()).isNotIn(0, 254);
    Rkt.Result free =
        rkt.run(
            "--insecure-options=image,paths",
            "run",
            "--net=none",
            device,
            mount("/dev/lc"),
            image,
            "--",
            "mknod /x c 5 2 && echo made");
    assertThat(free.ok().out()).isEqualTo("made\n");
  }

  @Test
  void sysfsGivesWayToVolumes() {
    sh("test -d /sys/class").ok();
    assertThat(sh("test -d /sys/class", "--volume=v,kind=empty", mount("/sys")).exited(1).err())
        .isEmpty();
    String sys = "--volume=v,kind=host,source=/sys";
    sh("test -d /sys/class", sys, mount("/sys")).ok();
    assertThat(sh("ls /sys/fs /sys/module; echo 1 > /sys/kernel/x", sys, mount("/sys")).err())
        .contains("Read-only file system");
    assertThat(
            sh("ls /sys/fs /sys/module | grep -v :; true", sys, mount("/sys")).ok().out().strip())
        .isEmpty();
    sh(
            "test -c /sys/class && echo x > /sys/class",
            "--volume=v,kind=host,source=/dev/null",
            mount("/sys/class"))
        .ok();
  }

  @Test
  void volumesInDevTakeThePlaceOfWhatRktMakes() {
    assertThat(
            sh(
                    "grep ' /dev/shm ' /proc/mounts | tail -n 1; touch /dev/shm/x",
                    "--volume=v,kind=tmpfs,size=1Mi,mode=1777",
                    mount("/dev/shm"))
                .ok()
                .out())
        .contains("size=1024k");
    sh("test -c /dev/dir/null", "--volume=v,kind=host,source=/dev", mount("/dev/dir")).ok();
  }

  @Test
  void volumesCoverTheFilesThatRktProvidesUnasked() throws IOException {
    String file = "--volume=v,kind=host,source=" + host + "/file";
    assertThat(sh("cat /etc/hosts", file, mount("/etc/hosts")).ok().out()).isEqualTo("of the host");
    assertThat(sh("cat /etc/hostname", file, mount("/etc/hostname")).ok().out())
        .isEqualTo("of the host");
    assertThat(sh("ls /etc", volume(""), mount("/etc")).ok().out()).isEqualTo("file\ninner\n");
    assertThat(host.toFile().list()).containsExactlyInAnyOrder("file", "inner");
    assertThat(
            sh("cat /etc/resolv.conf", file, mount("/etc/resolv.conf"), "--dns=192.0.2.1")
                .ok()
                .out())
        .contains("nameserver 192.0.2.1");
    assertThat(
            sh("cat /etc/hosts", file, mount("/etc/hosts"), "--hosts-entry=192.0.2.1=x").ok().out())
        .contains("192.0.2.1 x\n");
    assertThat(sh("true", volume(""), mount("/etc"), "--dns=192.0.2.1").exited(254).err())
        .contains("its /etc/resolv.conf cannot be provided: the volume");
    assertThat(host.toFile().list()).containsExactlyInAnyOrder("file", "inner");
  }

  @Test
  void twoWaysToOnePlaceAreRefused() {
    assertThat(
            run(
                    linked,
                    "true",
                    volume(""),
                    "--volume=w,kind=empty",
                    mount("/dir2"),
                    "--mount=volume=w,target=/dir1/link_abs_dir2")
                .exited(254)
                .err())
        .contains("mount point \"/dir1/link_abs_dir2\" leads to /dir2, where " + host);
  }

  @Test
  void aPodManifestHasVolumesOfItsOwn() throws IOException {
    mountInner();
    String manifest =
        """
        {"acKind":"PodManifest","acVersion":"0.8.11",
         "apps":[{"name":"a","image":{"id":"%s"},"readOnlyRootFS":true,
          "app":{"exec":["/bin/sh","-c","%s"],"user":"0","group":"0",
           "mountPoints":[{"name":"v","path":"/image","readOnly":true},
                          {"name":"w","path":"/w","readOnly":true}]},
          "mounts":[{"volume":"own","path":"/own","appVolume":
                     {"name":"own","kind":"host","source":"%s","recursive":false}},
                    {"volume":"v","path":"/x"},{"volume":"v","path":"/x/"},
                    {"volume":"t","path":"/t"}]}],
         "volumes":[{"name":"v","kind":"host","source":"%s"},
                    {"name":"own","kind":"empty"},
                    {"name":"w","kind":"empty","readOnly":false,"mode":"0755"},
                    {"name":"t","kind":"tmpfs","size":"4Ki","mode":"0700"}]}
        """
            .formatted(
                image,
                "cat /own/inner/file /image/inner/file /x/inner/file; touch /x/inner/by-x /w/x"
                    + " /t/x; touch /image/inner/x || exit 5",
                host,
                host);
    Path file = Files.writeString(rkt.home().resolve("pod.json"), manifest);
    for (boolean prepared : new boolean[] {false, true}) {
      Rkt.Result result;
      if (prepared) {
        String uuid = rkt.run("prepare", "--pod-manifest=" + file).ok().out().strip();
        result = rkt.run("run-prepared", "--net=none", uuid);
      } else {
        result = rkt.run("run", "--net=none", "--pod-manifest=" + file);
      }
      assertThat(result.exited(5).out()).isEqualTo("outerinnerinner");
      assertThat(result.err()).contains("Read-only file system");
      assertThat(host.resolve("inner/by-x")).exists();
      assertThat(host.resolve("inner/x")).doesNotExist();
      Files.delete(host.resolve("inner/by-x"));
    }
  }

  @Test
  void preparedPodsKeepTheirVolumes() {
    String uuid =
        rkt.insecure(
                "prepare",
                volume(",readOnly=true"),
                mount("/x"),
                image,
                "--",
                "cat /x/file; echo x > /x/new || exit 5")
            .ok()
            .out()
            .strip();
    assertThat(rkt.run("run-prepared", "--net=none", uuid).exited(5).out())
        .isEqualTo("of the host");
    assertThat(host.resolve("new")).doesNotExist();
  }

  @Test
  void withoutOverlayItIsTheSame() {
    assertThat(
            sh("cat /a/b/file; echo x > /new", "--no-overlay", volume(""), mount("/a/b"))
                .ok()
                .out())
        .isEqualTo("of the host");
  }

  @Test
  void planningMakesNothingInAVolume() {
    Rkt.Result plan =
        sh(
            "true",
            "--print-plan",
            "--volume=w,kind=empty",
            "--mount=volume=w,target=/x/new",
            volume(",readOnly=true"),
            mount("/x"));
    assertThat(plan.ok().out())
        .contains("/x from " + host + ", read-only")
        .contains("/x/new from empty volume \"w\", writable");
    assertThat(host.resolve("new")).doesNotExist();
  }

  @Test
  void hostFilesKeepTheirModesAndOwners() throws IOException {
    Rkt.exec("chown", "1234:5678", host.toString(), host.resolve("file").toString()).ok();
    Rkt.exec("chmod", "0751", host.toString()).ok();
    Map<String, Object> before = Files.readAttributes(host, "unix:mode,uid,gid");
    Map<String, Object> file = Files.readAttributes(host.resolve("file"), "unix:mode,uid,gid");
    assertThat(sh("echo x > /x/a; stat -c '%a %u' /x/a", volume(""), mount("/x")).ok().out())
        .isEqualTo("644 0\n");
    assertThat(Files.getAttribute(host.resolve("a"), "unix:gid")).isEqualTo(0);
    assertThat(Files.readAttributes(host, "unix:mode,uid,gid")).isEqualTo(before);
    assertThat(Files.readAttributes(host.resolve("file"), "unix:mode,uid,gid")).isEqualTo(file);
  }

  @Test
  void wrongFlagsAreNamed() {
    assertThat(sh("true", mount("/x")).exited(254).err())
        .contains("dangling mount point \"/x\": volume \"v\" not found");
    assertThat(sh("true", "--volume=v,kind=host,source=x").exited(254).err())
        .contains("invalid value in --volume flag \"v,kind=host,source=x\": source");
    assertThat(sh("true", "--volume=v,kind=nfs").exited(254).err())
        .contains("unrecognized volume kind: should be one of \"empty\", \"host\"");
    assertThat(sh("true", "--volume=v,kind=empty,x=y").exited(254).err())
        .contains("unknown volume parameter \"x\"");
    assertThat(sh("true", "--volume=v,kind=empty", "--volume=v,kind=empty").exited(254).err())
        .contains("duplicate volume name \"v\"");
    assertThat(sh("true", "--mount=volume=v,target=/x,y=z").exited(254).err())
        .contains("unknown mount parameter \"y\"");
    assertThat(sh("true", "--mount=volume=V,target=/x").exited(254).err())
        .contains("invalid volume name \"V\"");
    assertThat(sh("true", "--mount=volume=v,volume=w,target=/x").exited(254).err())
        .contains("label volume with multiple values");
  }
}
