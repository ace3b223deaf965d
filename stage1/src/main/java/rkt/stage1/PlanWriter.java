package rkt.stage1;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.stage1.rootfs.Rootfs;

/**
 * Carries out a launch plan up to, but not including, its exec. Runs on the thread whose mount
 * namespace will be the pod's. What it writes lies in the pod directory, which only root reaches
 * and which goes as a whole when the pod is removed, and in the pod's cgroups, which its launch
 * file names: nothing needs to be synced or undone.
 */
public final class PlanWriter {
  private final Kernel kernel;

  private PlanWriter(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Writes directories, files, links, mounts and the steps inside the apps' roots. */
  public static void write(LaunchPlan plan, Kernel kernel) throws EngineException {
    PlanWriter writer = new PlanWriter(kernel);
    try {
      for (Path directory : plan.directories()) {
        writer.makeDirectory(directory.toString());
      }
      for (PlannedFile file : plan.files()) {
        writer.writeFile(file);
      }
      for (PlannedLink link : plan.links()) {
        writer.makeLink(link);
      }
      for (PlannedMount mount : plan.mounts()) {
        mount.make(kernel);
      }
      for (Map.Entry<Path, List<RootfsStep>> root : plan.rootfs().entrySet()) {
        writer.prepare(root.getKey(), root.getValue());
      }
      // After the launch file, by which gc finds them should this process be killed.
      for (CgroupWrite write : plan.cgroups()) {
        writer.writeCgroup(write);
      }
    } catch (OsException e) {
      ErrorCode code = e.is(Errno.ENOSPC) ? ErrorCode.NO_SPACE : ErrorCode.SYSTEM;
      throw new EngineException(
          code, "failed to set up the pod", String.valueOf(e.getMessage()), "", e);
    }
  }

  private void makeDirectory(String path) throws OsException {
    try {
      kernel.mkdirat(Consts.AT_FDCWD, path, 0755);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        Path parent = Path.of(path).getParent();
        if (parent != null) {
          makeDirectory(parent.toString());
          // Another pod that starts may have been faster.
          makeDirectory(path);
          return;
        }
      }
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }

  private void writeFile(PlannedFile file) throws OsException {
    int flags = Consts.O_WRONLY | Consts.O_CREAT | Consts.O_TRUNC | Consts.O_NOFOLLOW;
    try (Fd fd = Fd.open(kernel, file.path().toString(), flags, file.mode())) {
      if (file.bytes().length > 0) {
        kernel.write(fd.number(), file.bytes(), 0, file.bytes().length);
      }
    }
  }

  private void writeCgroup(CgroupWrite write) throws EngineException, OsException {
    makeDirectory(String.valueOf(write.file().getParent()));
    byte[] value = write.value().getBytes(StandardCharsets.UTF_8);
    try (Fd fd = Fd.open(kernel, write.file().toString(), Consts.O_WRONLY, 0)) {
      kernel.write(fd.number(), value, 0, value.length);
    } catch (OsException e) {
      throw new EngineException(
          ErrorCode.SYSTEM,
          "cannot limit the pod: cannot write \"" + write.value() + "\"",
          String.valueOf(e.getMessage()),
          "choose another limit in the pod manifest or another cgroup with --cgroup-parent",
          e);
    }
  }

  private void makeLink(PlannedLink link) throws OsException {
    try {
      kernel.symlinkat(link.target(), Consts.AT_FDCWD, link.path().toString());
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }

  private void prepare(Path root, List<RootfsStep> steps) throws OsException {
    if (steps.isEmpty()) {
      return;
    }
    try (Rootfs rootfs = Rootfs.open(kernel, root)) {
      for (RootfsStep step : steps) {
        step.apply(rootfs);
      }
    }
  }
}
