package rkt.stage1.oci;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import rkt.schema.json.JsonWriter;
import rkt.stage1.BindMount;

/** Writes the mounts of an app's bundle. */
final class MountList {
  private final JsonWriter json;
  private final MappedSources sources;

  MountList(JsonWriter json, MappedSources sources) {
    this.json = json;
    this.sources = sources;
  }

  /**
   * What every app has, in mounting order.
   *
   * @param shm directory of shared memory to bind; empty path for one of its own
   * @param sysfs whether /sys is left to the flavor (a volume may be mounted there)
   * @param readOnly whether /sys and /proc/sys are protected
   */
  void system(Path shm, boolean sysfs, boolean readOnly) {
    mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev");
    mount("/dev", "tmpfs", "tmpfs", "nosuid", "noexec", "strictatime", "mode=755", "size=65536k");
    mount(
        "/dev/pts",
        "devpts",
        "devpts",
        "nosuid",
        "noexec",
        "newinstance",
        "ptmxmode=0666",
        "mode=0620",
        "gid=5");
    if (shm.toString().isEmpty()) {
      mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k");
    } else {
      mount("/dev/shm", "bind", shm.toString(), "bind", "nosuid", "noexec", "nodev");
    }
    kernel("/dev/mqueue", "mqueue", sources.mqueue(), "nosuid", "noexec", "nodev");
    if (!sysfs) {
      return;
    }
    if (readOnly) {
      kernel("/sys", "sysfs", sources.sysfs(), "nosuid", "noexec", "nodev", "ro");
      // Hides every other file system's controls; cheaper than masking them one by one. Not among
      // the read-only paths: runtimes bind those recursively before cgroups become read-only, and
      // the copy on top would be a writable cgroup tree.
      mount("/sys/fs", "tmpfs", "tmpfs", "nosuid", "noexec", "nodev", "ro", "mode=755", "size=64k");
    } else {
      kernel("/sys", "sysfs", sources.sysfs(), "nosuid", "noexec", "nodev");
    }
    mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro");
  }

  /**
   * With cgroup v1 runtimes make a file system that holds the hierarchies, and leave it writable.
   */
  void closeCgroups() {
    mount("/sys/fs/cgroup", "tmpfs", "tmpfs", "remount", "nosuid", "noexec", "nodev", "ro");
  }

  /** A file of the pod directory. */
  void file(String destination, Path source, boolean readOnly) {
    if (readOnly) {
      mount(destination, "bind", source.toString(), "bind", "nosuid", "nodev", "ro");
    } else {
      mount(destination, "bind", source.toString(), "bind", "nosuid", "nodev");
    }
  }

  /** The volumes that are not in the app's root already. */
  void volumes(List<BindMount> volumes) {
    for (BindMount volume : volumes) {
      if (volume.placed()) {
        continue;
      }
      // Read-only mounts below the source are so already ("rro" would ask for it; runtimes of 2023
      // do not know it).
      mount(
          volume.target(),
          "bind",
          volume.source().toString(),
          volume.recursive() ? "rbind" : "bind",
          volume.followsHost() ? "rslave" : "rprivate",
          volume.readOnly() ? "ro" : "rw");
    }
  }

  /** A file system of the kernel; bound from where rkt has mounted it when it had to. */
  private void kernel(String destination, String type, Optional<String> ready, String... options) {
    if (ready.isEmpty()) {
      mount(destination, type, type, options);
      return;
    }
    String[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = "bind";
    mount(destination, "bind", ready.get(), all);
  }

  private void mount(String destination, String type, String source, String... options) {
    List<String> words = List.of(options);
    if (!sources.mapped() || !type.equals("bind")) {
      write(destination, type, source, options);
      return;
    }
    boolean readOnly = words.contains("ro");
    write(destination, type, sources.bind(source, "", readOnly), options);
    if (words.contains("rbind")) {
      // One by one, as each is mapped on its own or not at all. And crun 1.8 with a user namespace
      // binds nothing of what is below, whatever the options say.
      for (String below : sources.below(source)) {
        String place = (destination.equals("/") ? "" : destination) + "/" + below;
        write(place, type, sources.bind(source, below, readOnly), options);
      }
    }
  }

  private void write(String destination, String type, String source, String... options) {
    json.beginObject().name("destination").value(destination).name("type").value(type);
    json.name("source").value(source).name("options").beginArray();
    for (String option : options) {
      json.value(option);
    }
    json.endArray().endObject();
  }
}
