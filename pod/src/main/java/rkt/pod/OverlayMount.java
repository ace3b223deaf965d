package rkt.pod;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.stage1.SelinuxLabels;
import rkt.store.ImplicitDir;

/**
 * Mounts one app's root: the image's layers below, the pod's own directory on top. For the
 * launching thread, in its private mount namespace.
 *
 * <p>mount(2) takes at most one page of options, and in them {@code :}, {@code ,} and {@code \}
 * mean something. A stack that fits and has none of those is mounted by its paths, which reads well
 * in {@code mountinfo}. Any other is mounted by descriptor numbers with {@code /proc/self/fd} as
 * the working directory: four bytes per layer, so that even the kernel's limit of 500 layers fits,
 * and no character needs escaping (the kernel's escaping rules differ between versions and between
 * the options).
 *
 * @param lowerTopFirst the layers, topmost first
 * @param seeds directories of the image whose attributes the topmost layer does not know
 * @param label SELinux label of everything in the mount; empty for what the files have
 * @param temporary it is unmounted soon and its upper directory mounted again, with another work
 *     directory: what was written need not be on disk by then
 */
record OverlayMount(
    List<Path> lowerTopFirst,
    Path upper,
    Path work,
    Path target,
    List<ImplicitDir> seeds,
    String label,
    boolean temporary) {

  /** The page less the terminating NUL and a little for what the kernel adds. */
  private static final int MAX_OPTIONS = 4096 - 64;

  private static final String SPECIAL = ":,\\\"'";

  void mount(Kernel kernel) throws OsException {
    seedUpper(kernel);
    String options = readableOptions();
    if (options != null) {
      kernel.mount("overlay", target.toString(), "overlay", 0, options);
    } else {
      mountByDescriptors(kernel);
    }
  }

  /** The options with plain paths; null when they are too long or need escaping. */
  @Nullable String readableOptions() {
    StringBuilder out = new StringBuilder(512).append("lowerdir=");
    for (int i = 0; i < lowerTopFirst.size(); i++) {
      if (!plain(lowerTopFirst.get(i))) {
        return null;
      }
      out.append(i == 0 ? "" : ":").append(lowerTopFirst.get(i));
    }
    if (!plain(upper) || !plain(work)) {
      return null;
    }
    out.append(",upperdir=").append(upper).append(",workdir=").append(work);
    out.append(SelinuxLabels.mountOption(label)).append(flags());
    return out.length() <= MAX_OPTIONS ? out.toString() : null;
  }

  /** Without it, unmounting waits until the whole file system below is written to disk. */
  private String flags() {
    return temporary ? ",volatile" : "";
  }

  private static boolean plain(Path path) {
    String text = path.toString();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (SPECIAL.indexOf(c) >= 0 || c >= 0x7f) {
        return false;
      }
    }
    return true;
  }

  private void mountByDescriptors(Kernel kernel) throws OsException {
    List<Fd> open = new ArrayList<>(lowerTopFirst.size() + 2);
    try {
      StringBuilder options = new StringBuilder(lowerTopFirst.size() * 5 + 64).append("lowerdir=");
      for (int i = 0; i < lowerTopFirst.size(); i++) {
        options.append(i == 0 ? "" : ":").append(hold(kernel, open, lowerTopFirst.get(i)));
      }
      options.append(",upperdir=").append(hold(kernel, open, upper));
      options.append(",workdir=").append(hold(kernel, open, work));
      options.append(SelinuxLabels.mountOption(label)).append(flags());
      kernel.chdir("/proc/self/fd");
      try {
        kernel.mount("overlay", target.toString(), "overlay", 0, options.toString());
      } finally {
        kernel.chdir("/");
      }
    } finally {
      for (Fd fd : open) {
        fd.close();
      }
    }
  }

  private static int hold(Kernel kernel, List<Fd> open, Path dir) throws OsException {
    Fd fd = Fd.open(kernel, dir.toString(), Consts.O_PATH | Consts.O_DIRECTORY, 0);
    open.add(fd);
    return fd.number();
  }

  /**
   * Makes the seeds in the fresh upper directory. Before the mount: changing an upper directory
   * under a mounted overlay is undefined. Attributes are set deepest first, since making a child
   * changes its parent's time.
   */
  private void seedUpper(Kernel kernel) throws OsException {
    try (Fd root = Fd.directory(kernel, upper.toString())) {
      for (ImplicitDir seed : seeds) {
        if (!seed.path().isEmpty()) {
          try {
            kernel.mkdirat(root.number(), seed.path(), 0700);
          } catch (OsException e) {
            if (!e.is(Errno.EEXIST)) {
              throw e;
            }
          }
        }
      }
      for (int i = seeds.size() - 1; i >= 0; i--) {
        attributes(kernel, root.number(), seeds.get(i));
      }
    }
  }

  private static void attributes(Kernel kernel, int root, ImplicitDir seed) throws OsException {
    String name = seed.path().isEmpty() ? "." : seed.path();
    int flags = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;
    try (Fd dir = Fd.openat(kernel, root, name, flags, 0)) {
      kernel.fchown(dir.number(), seed.uid(), seed.gid());
      kernel.fchmod(dir.number(), seed.mode());
      kernel.utimensat(
          dir.number(),
          null,
          seed.mtimeSec(),
          seed.mtimeNsec(),
          seed.mtimeSec(),
          seed.mtimeNsec(),
          0);
    }
  }
}
