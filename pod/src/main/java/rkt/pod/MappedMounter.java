package rkt.pod;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.pod.PreparedPod.PreparedApp;
import rkt.schema.EngineException;
import rkt.stage1.MappedMounts;
import rkt.stage1.PlannedMount;

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
  private final Set<Path> shifted = new HashSet<>();
  private final Set<String> warned = new HashSet<>();

  MappedMounter(
      Kernel kernel,
      PodFiles files,
      Reporter reporter,
      Path podDir,
      PreparedPod prepared,
      MappedMounts plan) {
    this.kernel = kernel;
    this.files = files;
    this.reporter = reporter;
    this.podDir = podDir;
    this.prepared = prepared;
    this.plan = plan;
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
      kernel.mount(
          mount.source(),
          mount.target().toString(),
          mount.type().orElse(null),
          mount.flags(),
          mount.data().orElse(null));
    }
    try (Fd namespace = UserNamespaces.open(kernel, plan.range())) {
      if (prepared.overlay()) {
        overlays(namespace);
      } else {
        for (MappedMounts.Root root : plan.roots()) {
          bind(new MappedMounts.Bind(root.source(), "", root.target(), false), namespace);
        }
      }
      for (MappedMounts.Bind bind : plan.binds()) {
        bind(bind, namespace);
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
      kernel.umount(root.source().toString(), 0);
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
        new OverlayMount(lower, upper, work, root.target(), List.of(), false).mount(kernel);
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
    int itself = Consts.AT_EMPTY_PATH;
    try (Fd source = open(bind);
        Fd tree = new Fd(kernel, kernel.openTree(source.number(), "", CLONE | itself))) {
      makeTarget(bind.target(), kernel.fstat(source.number()));
      OsException failure = tryMap(tree, itself, namespace);
      if (failure != null) {
        unmapped(bind, failure);
      }
      if (bind.readOnly()) {
        kernel.mountSetattr(tree.number(), "", itself, Consts.MOUNT_ATTR_RDONLY, -1);
      }
      kernel.moveMount(tree.number(), Consts.AT_FDCWD, bind.target().toString());
    }
  }

  private Fd open(MappedMounts.Bind bind) throws OsException {
    Fd source = Fd.open(kernel, bind.source().toString(), Consts.O_PATH, 0);
    if (bind.below().isEmpty()) {
      return source;
    }
    long resolve = Consts.RESOLVE_BENEATH | Consts.RESOLVE_NO_SYMLINKS;
    int flags = Consts.O_PATH | Consts.O_CLOEXEC;
    try (source) {
      return new Fd(kernel, kernel.openat2(source.number(), bind.below(), flags, 0, resolve));
    }
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
  private @Nullable OsException tryMap(Fd tree, int flags, Fd namespace) throws OsException {
    try {
      UserNamespaces.map(kernel, tree, flags, namespace);
      return null;
    } catch (OsException e) {
      if (UserNamespaces.unmappable(e)) {
        return e;
      }
      throw e;
    }
  }

  /** What is the pod's own changes its owners; a volume of the host keeps them. */
  private void unmapped(MappedMounts.Bind bind, OsException failure) throws OsException {
    if (!bind.source().startsWith(podDir)) {
      warn(bind.source().resolve(bind.below()).toString(), failure);
      return;
    }
    if (shifted.add(bind.source())) {
      files.write(podDir.resolve(PodFiles.USERS_CHOWNED), "", 0640);
      new OwnerShift(kernel, plan.range()).tree(bind.source().toString());
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
            + failure.getMessage()
            + "): its files belong to nobody there");
  }
}
