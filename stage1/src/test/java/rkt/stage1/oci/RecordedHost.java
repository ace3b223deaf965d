package rkt.stage1.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import rkt.os.Cgroups;
import rkt.os.Kernel;
import rkt.os.OsException;

/** {@code /proc} and {@code /sys} of a host this one is not, in a directory. */
final class RecordedHost {
  /** Debian 12 with systemd. */
  static final String V2 =
      """
      22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
      28 22 0:25 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
      """;

  /** Debian 9 with systemd. */
  static final String V1 =
      """
      22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
      31 22 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755
      32 31 0:27 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:10 - cgroup cgroup rw,xattr,release_agent=/lib/systemd/systemd-cgroups-agent,name=systemd
      33 31 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:11 - cgroup cgroup rw,cpu,cpuacct
      34 31 0:29 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime shared:12 - cgroup cgroup rw,memory
      35 31 0:30 / /sys/fs/cgroup/pids rw,nosuid,nodev,noexec,relatime shared:13 - cgroup cgroup rw,pids
      36 31 0:31 / /sys/fs/cgroup/blkio rw,nosuid,nodev,noexec,relatime shared:14 - cgroup cgroup rw,blkio
      """;

  /** Debian 10 with systemd: v2 beside v1, for systemd alone. */
  static final String HYBRID =
      V1
          + """
          41 31 0:38 / /sys/fs/cgroup/unified rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate
          """;

  /** Inside a container of docker with a cgroup namespace. */
  static final String CONTAINER =
      """
      601 600 0:60 / / rw,relatime - overlay overlay rw
      602 601 0:25 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate
      """;

  final Path root;

  RecordedHost(Path root, String mountInfo, String membership) throws IOException {
    this.root = root;
    file("proc/thread-self/mountinfo", mountInfo);
    file("proc/self/cgroup", membership);
  }

  RecordedHost file(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return this;
  }

  /** A v2 cgroup that is not the machine's root. */
  RecordedHost cgroup(String path, String controllers, Object... processes) throws IOException {
    StringBuilder procs = new StringBuilder();
    for (Object process : processes) {
      procs.append(process).append('\n');
    }
    String at = "sys/fs/cgroup" + path;
    file(at + "/cgroup.type", "domain\n");
    file(at + "/cgroup.controllers", controllers + "\n");
    return file(at + "/cgroup.procs", procs.toString());
  }

  void delegate(String path) throws OsException {
    String directory = root.resolve("sys/fs/cgroup" + path).toString();
    Kernel.linux().lsetxattr(directory, "user.delegate", new byte[] {'1'}, 0);
  }

  Cgroups probe() throws OsException {
    return Cgroups.probe(Kernel.linux(), root.toString());
  }

  /** With this host's directories as its users name them. */
  String plain(Object text) {
    return text.toString().replace(root.toString(), "");
  }
}
