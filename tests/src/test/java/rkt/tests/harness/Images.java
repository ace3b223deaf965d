package rkt.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Images for the tests, made with {@code rkt image build} from a static busybox. */
public final class Images {
  private static final List<String> APPLETS =
      List.of(
          "sh",
          "echo",
          "cat",
          "true",
          "false",
          "sleep",
          "id",
          "env",
          "hostname",
          "ls",
          "stat",
          "touch",
          "mknod",
          "ps",
          "kill",
          "stty",
          "readlink",
          "pwd",
          "mkdir",
          "rm",
          "wc",
          "head",
          "dd",
          "grep",
          "test",
          "uname",
          "mount",
          "umount",
          "ip",
          "tty",
          "yes",
          "seq",
          "nc",
          "wget");

  private Images() {}

  /** A root file system with busybox and the usual directories at {@code dir}. */
  public static Path rootfs(Path dir) {
    Path busybox = busybox();
    try {
      for (String each : List.of("bin", "etc", "tmp", "usr", "var", "dir1", "dir2")) {
        Files.createDirectories(dir.resolve(each));
      }
      Files.copy(busybox, dir.resolve("bin/busybox"));
      for (String applet : APPLETS) {
        Files.createSymbolicLink(dir.resolve("bin").resolve(applet), Path.of("busybox"));
      }
      Files.writeString(
          dir.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\nuser1:x:1000:100::/:\n");
      Files.writeString(dir.resolve("etc/group"), "root:x:0:\ngroup1:x:100:user1\n");
      Files.writeString(dir.resolve("dir1/file"), "dir1");
      Files.writeString(dir.resolve("dir2/file"), "dir2");
      return dir;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** This machine's architecture as appc names it. */
  public static String arch() {
    return System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "amd64";
  }

  private static Path busybox() {
    for (String each : List.of("/bin/busybox", "/usr/bin/busybox")) {
      if (Files.isExecutable(Path.of(each))) {
        return Path.of(each);
      }
    }
    assumeTrue(false, "busybox-static is not installed");
    throw new AssertionError();
  }

  /**
   * An ACI {@code NAME.aci} whose app is {@code exec}; further arguments go to {@code rkt image
   * build}.
   */
  public static Path aci(Rkt rkt, String name, List<String> exec, String... buildArgs) {
    Path rootfs = rkt.home().resolve("rootfs-of-images");
    if (!Files.exists(rootfs)) {
      rootfs(rootfs);
    }
    return aciOf(rkt, rootfs, name, exec, buildArgs);
  }

  /** An ACI of any directory or tar. */
  public static Path aciOf(
      Rkt rkt, Path source, String name, List<String> exec, String... buildArgs) {
    Path aci = rkt.home().resolve(name + ".aci");
    List<String> args =
        new ArrayList<>(List.of("image", "build", source.toString(), aci.toString()));
    args.add("--overwrite");
    if (List.of(buildArgs).stream().noneMatch(arg -> arg.startsWith("--name="))) {
      args.add("--name=example.com/" + name);
    }
    args.add("--label=version=1.0.0");
    if (!exec.isEmpty()) {
      args.add("--exec=" + exec.getFirst());
    }
    args.addAll(List.of(buildArgs));
    if (exec.size() > 1) {
      args.add("--");
      args.addAll(exec.subList(1, exec.size()));
    }
    rkt.run(args.toArray(String[]::new)).ok();
    return aci;
  }

  /** An ACI whose app is a shell that runs {@code script}. */
  public static Path script(Rkt rkt, String name, String script, String... buildArgs) {
    return aci(rkt, name, List.of("/bin/sh", "-c", script), buildArgs);
  }
}
