package rkt.pod;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.MountTable;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.pod.PreparedPod.PreparedApp;
import rkt.schema.EngineException;
import rkt.stage1.BindMount;
import rkt.stage1.MappedMounts;
import rkt.stage1.PlannedMount;
import rkt.stage1.rootfs.Rootfs;

/**
 * Mounts what a pod with a user namespace needs, in its mount namespace and just before the exec.
 *
 * <p>Until here the pod is made as any other, with the owners that the image and the host know:
 * users are looked up, links made, volumes filled. Now each tree is shown to the pod with its
 * owners mapped: by id-mapped mounts, which change nothing on disk, and where the kernel cannot do
 * that, by changing the owners of the pod's own copies.
 */
final class MappedMounter {
  /** Where layers are mounted until their overlay is: closed to everybody else. */
  private static final String LAYERS = "layers";

  private static final int CLONE = Consts.OPEN_TREE_CLONE | Consts.OPEN_TREE_CLOEXEC;

  private final Kernel kernel;
  private final PodFiles files;
  private final Reporter reporter;
  private final Path podDir;
  private final PreparedPod prepared;
  private final MappedMounts plan;
  private final String label;
  private final Optional<Fd> network;
  private final Set<Path> shifted = new HashSet<>();
  private final Set<String> warned = new HashSet<>();

  /**
   * @param label SELinux label of the overlays; empty for none
   * @param network the pod's network namespace; empty when it is the host's
   */
  MappedMounter(
      Kernel kernel,
      PodFiles files,
      Reporter reporter,
      Path podDir,
      PreparedPod prepared,
      MappedMounts plan,
      String label,
      Optional<Fd> network) {
    this.kernel = kernel;
    this.files = files;
    this.reporter = reporter;
    this.podDir = podDir;
    this.prepared = prepared;
    this.plan = plan;
    this.label = label;
    this.network = network;
  }

  void mount() throws EngineException, OsException {
    long flags = Consts.MS_NOSUID | Consts.MS_NOEXEC;
    kernel.mount("rkt", plan.base().toString(), "tmpfs", flags, "mode=0755,size=1m");
    for (Path directory : plan.directories()) {
      files.mkdir(directory, 0755);
    }
    String nothing = plan.nullDevice().toString();
    kernel.mknodat(Consts.AT_FDCWD, nothing, Consts.S_IFCHR | 0666, 1, 3);
    kernel.fchmodat(Consts.AT_FDCWD, nothing, 0666);
    for (PlannedMount mount : plan.mounts()) {
      files.mkdir(mount.target(), 0755);
      if (network.isPresent() && mount.type().equals(Optional.of("sysfs"))) {
        mountIn(network.get(), mount);
      } else {
        mount.make(kernel);
      }
    }
    try (Fd namespace = UserNamespaces.open(kernel, plan.range())) {
      if (prepared.overlay()) {
        overlays(namespace);
      } else {
        for (MappedMounts.Root root : plan.roots()) {
          bind(
              new MappedMounts.Bind(root.source(), "", root.target(), false, root.app()),
              namespace);
        }
      }
      for (MappedMounts.Root root : plan.roots()) {
        volumes(root, namespace);
      }
      for (MappedMounts.Bind bind : plan.binds()) {
        bind(bind, namespace);
      }
    }
  }

  /** A sysfs shows the interfaces of whoever mounts it. */
  private void mountIn(Fd namespace, PlannedMount mount) throws OsException {
    try (Fd own = Fd.open(kernel, "/proc/thread-self/ns/net", Consts.O_RDONLY, 0)) {
      kernel.setns(namespace.number(), Consts.CLONE_NEWNET);
      try {
        mount.make(kernel);
      } finally {
        kernel.setns(own.number(), Consts.CLONE_NEWNET);
      }
    }
  }

  /**
   * In place of the overlays that the pod was made in. An overlay itself cannot be mapped, only
   * what it is made of.
   */
  private void overlays(Fd namespace) throws OsException {
    Path layers = plan.base().resolve(LAYERS);
    files.mkdir(layers, 0700);
    Map<Path, Path> mapped = new HashMap<>();
    int first = plan.range().first();
    for (MappedMounts.Root root : plan.roots()) {
      PreparedApp app = app(root.app());
      // With the volumes in it, which come back below.
      kernel.umount(root.source().toString(), Consts.MNT_DETACH);
      List<Path> lower = new ArrayList<>(app.lowerTopFirst().size());
      for (Path layer : app.lowerTopFirst()) {
        lower.add(layer(mapped, layer, namespace));
      }
      // Both of one mount, as overlayfs demands.
      Path tree = podDir.resolve(PodFiles.OVERLAY).resolve(app.treeStoreId());
      Path changes = layer(mapped, tree, namespace);
      Path upper = changes.resolve("upper").resolve(app.name());
      Path work = changes.resolve("work").resolve(app.name());
      files.mkdir(root.target(), 0755);
      // The kernel makes files in the work directory as whoever mounts; a host's root is nobody
      // there.
      kernel.setFsIds(first, first);
      try {
        new OverlayMount(lower, upper, work, root.target(), List.of(), label, false).mount(kernel);
      } finally {
        kernel.setFsIds(kernel.geteuid(), kernel.getegid());
      }
    }
    // The overlays keep copies of their own.
    for (Path layer : mapped.values()) {
      kernel.umount(layer.toString(), Consts.MNT_DETACH);
    }
  }

  private PreparedApp app(String name) {
    for (PreparedApp app : prepared.apps()) {
      if (app.name().equals(name)) {
        return app;
      }
    }
    throw new IllegalArgumentException("no app " + name);
  }

  private Path layer(Map<Path, Path> mapped, Path source, Fd namespace) throws OsException {
    Path target = mapped.get(source);
    if (target == null) {
      target = plan.base().resolve(LAYERS).resolve(Integer.toString(mapped.size()));
      files.mkdir(target, 0755);
      try (Fd tree = new Fd(kernel, kernel.openTree(Consts.AT_FDCWD, source.toString(), CLONE))) {
        UserNamespaces.map(kernel, tree, Consts.AT_EMPTY_PATH, namespace);
        kernel.moveMount(tree.number(), Consts.AT_FDCWD, target.toString());
      }
      mapped.put(source, target);
    }
    return target;
  }

  private void bind(MappedMounts.Bind bind, Fd namespace) throws OsException {
    try (Fd source = open(bind.source(), bind.below());
        Fd tree = clone(source)) {
      makeTarget(bind.target(), kernel.fstat(source.number()));
      OsException failure = tryMap(tree, namespace);
      if (failure != null) {
        // What is mounted below the pod directory are volumes, and files of the host.
        boolean ours =
            bind.source().startsWith(podDir)
                && !bind.source().startsWith(podDir.resolve(VolumeSources.MOUNTS))
                && MountTable.current(kernel).at(bind.source().toString()).isEmpty();
        unmapped(bind.source(), name(bind.origin(), bind.below()), ours, failure);
      }
      finish(tree, bind.readOnly());
      kernel.moveMount(tree.number(), Consts.AT_FDCWD, bind.target().toString());
    }
  }

  private Fd clone(Fd source) throws OsException {
    return new Fd(kernel, kernel.openTree(source.number(), "", CLONE | Consts.AT_EMPTY_PATH));
  }

  private void finish(Fd tree, boolean readOnly) throws OsException {
    if (readOnly) {
      int itself = Consts.AT_EMPTY_PATH;
      kernel.mountSetattr(tree.number(), "", itself, Consts.MOUNT_ATTR_RDONLY, 0, 0, -1);
    }
  }

  /**
   * The volumes again, with what is mounted below them: each mount by itself, as each can be mapped
   * or not. Places are looked up in the app's root, and what is below a volume without following
   * links: another pod may write there.
   */
  private void volumes(MappedMounts.Root root, Fd namespace) throws OsException {
    if (root.volumes().isEmpty()) {
      return;
    }
    MountTable table = MountTable.current(kernel);
    try (Rootfs rootfs = Rootfs.open(kernel, root.target())) {
      for (BindMount volume : root.volumes()) {
        String source = volume.source().toString();
        // Only a host volume is known by a path. Its files are not the pod's to change.
        boolean ours = !volume.origin().startsWith("/") && !volume.readOnly();
        try (Fd place = rootfs.at(volume.target())) {
          attach(volume, "", ours, place, namespace);
        }
        try (Fd top = rootfs.at(volume.target())) {
          Set<String> done = new HashSet<>();
          // Those further up first: the others are to be found in them.
          for (MountTable.Mount mount : table.mountsBelow(source).reversed()) {
            String point = mount.mountPoint();
            if (!point.equals(source) && done.add(point)) {
              below(volume, point.substring(source.length() + 1), top, namespace);
            }
          }
        }
      }
    }
  }

  private void below(BindMount volume, String relative, Fd top, Fd namespace) throws OsException {
    try (Fd place = within(top, relative)) {
      attach(volume, relative, false, place, namespace);
    } catch (OsException e) {
      // Hidden by a mount on a directory above it, or gone.
      if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR)) {
        throw e;
      }
    }
  }

  private void attach(BindMount volume, String below, boolean ours, Fd place, Fd namespace)
      throws OsException {
    try (Fd source = open(volume.source(), below);
        Fd tree = clone(source)) {
      OsException failure = tryMap(tree, namespace);
      if (failure != null) {
        unmapped(volume.source(), name(volume.origin(), below), ours, failure);
      }
      finish(tree, volume.readOnly());
      kernel.moveMount(tree.number(), place.number(), "");
    }
  }

  private static String name(String origin, String below) {
    return below.isEmpty() ? origin : origin + "/" + below;
  }

  private Fd open(Path source, String below) throws OsException {
    Fd top = Fd.open(kernel, source.toString(), Consts.O_PATH, 0);
    if (below.isEmpty()) {
      return top;
    }
    try (top) {
      return within(top, below);
    }
  }

  private Fd within(Fd top, String relative) throws OsException {
    long resolve = Consts.RESOLVE_BENEATH | Consts.RESOLVE_NO_SYMLINKS;
    int flags = Consts.O_PATH | Consts.O_CLOEXEC;
    return new Fd(kernel, kernel.openat2(top.number(), relative, flags, 0, resolve));
  }

  private void makeTarget(Path target, Stat source) throws OsException {
    if (source.isDir()) {
      files.mkdir(target, 0755);
    } else {
      files.write(target, "", 0644);
    }
  }

  /**
   * @return why not; null when it is mapped
   */
  private @Nullable OsException tryMap(Fd tree, Fd namespace) throws OsException {
    try {
      UserNamespaces.map(kernel, tree, Consts.AT_EMPTY_PATH, namespace);
      return null;
    } catch (OsException e) {
      if (UserNamespaces.unmappable(e)) {
        return e;
      }
      throw e;
    }
  }

  /**
   * What is the pod's own changes its owners; a volume of the host keeps them.
   *
   * @param ours whether it is the pod's own
   */
  private void unmapped(Path source, String name, boolean ours, OsException failure)
      throws OsException {
    if (!ours) {
      warn(name, failure);
    } else if (shifted.add(source)) {
      files.write(podDir.resolve(PodFiles.USERS_CHOWNED), "", 0640);
      new OwnerShift(kernel, plan.range()).tree(source.toString());
    }
  }

  private void warn(String source, OsException failure) {
    if (!warned.add(source)) {
      return;
    }
    reporter.note(
        "stage1",
        "warning: the owners of "
            + source
            + " cannot be mapped into the pod's user namespace ("
            + Errno.message(failure.errno())
            + "): its files belong to nobody there");
  }
}
