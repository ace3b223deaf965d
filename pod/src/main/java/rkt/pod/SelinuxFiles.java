package rkt.pod;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.pod.PreparedPod.PreparedApp;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.stage1.SelinuxLabels;

/**
 * Labels what a pod's apps see of the pod's directory: the files rkt provides, empty volumes, and
 * roots that are copies (overlay mounts have a label for everything in them). Nothing runs yet, and
 * only root can write there.
 */
final class SelinuxFiles {
  private static final String ATTRIBUTE = "security.selinux";

  private final Kernel kernel;
  private final byte[] label;

  private SelinuxFiles(Kernel kernel, String label) {
    this.kernel = kernel;
    this.label = (label + "\0").getBytes(StandardCharsets.UTF_8);
  }

  static void label(Kernel kernel, Path dir, PreparedPod prepared, SelinuxLabels labels)
      throws EngineException {
    SelinuxFiles files = new SelinuxFiles(kernel, labels.file());
    try {
      files.tree(dir.resolve("stage1/rootfs/etc").toString());
      files.tree(dir.resolve("stage1/rootfs/rkt/notify").toString());
      files.tree(dir.resolve("sharedVolumes").toString());
      if (!prepared.overlay()) {
        for (PreparedApp app : prepared.apps()) {
          files.tree(dir.resolve(PodFiles.STAGE2).resolve(app.name()).resolve("rootfs").toString());
        }
      }
    } catch (OsException e) {
      throw new EngineException(
          ErrorCode.SYSTEM,
          "cannot label the pod's files for SELinux",
          String.valueOf(e.getMessage()),
          "",
          e);
    }
  }

  private void tree(String path) throws OsException {
    Stat stat;
    try {
      stat = kernel.fstatat(Consts.AT_FDCWD, path, Consts.AT_SYMLINK_NOFOLLOW);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return; // no app has such a thing
      }
      throw e;
    }
    kernel.lsetxattr(path, ATTRIBUTE, label, 0);
    if (stat.isDir()) {
      int flags = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;
      try (Fd directory = Fd.open(kernel, path, flags, 0)) {
        for (String name : kernel.list(directory.number())) {
          tree(path + "/" + name);
        }
      }
    }
  }
}
