package rkt.stage1.oci;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.IsolatorValue;
import rkt.stage1.AppSpec;
import rkt.stage1.BindMount;
import rkt.stage1.CgroupWrite;
import rkt.stage1.PodSpec;
import rkt.stage1.Sysctls;

/**
 * The isolators of the pod as a whole. Its cgroup, which holds those of the apps, gets them before
 * an OCI runtime makes the first app's below it.
 *
 * @param resources what all apps together may use
 * @param sysctls kernel parameters, by their dotted names
 * @param oomScoreAdj for apps that say nothing themselves
 * @param disks that hold the pod's files; looked for only when some app or the pod limits them
 * @param swap whether the host counts swap, so that a memory limit can include it; found out only
 *     when there is such a limit
 */
record PodLimits(
    Resources resources,
    Map<String, String> sysctls,
    Optional<Integer> oomScoreAdj,
    List<BlockDevices.Device> disks,
    boolean swap) {
  private static final String ATTEMPTED = "cannot apply the isolators of the pod";

  static PodLimits of(Kernel kernel, PodSpec pod, CgroupTree cgroups, List<String> warnings)
      throws EngineException {
    ResourceReader reader = new ResourceReader("the pod", cgroups, warnings);
    Map<String, String> sysctls = new TreeMap<>();
    Optional<Integer> oomScoreAdj = Optional.empty();
    for (Isolator isolator : pod.isolators()) {
      IsolatorValue value = isolator.typed();
      if (value instanceof IsolatorValue.Sysctl sysctl) {
        addSysctls(sysctls, sysctl.values(), pod);
      } else if (value instanceof IsolatorValue.OomScoreAdj score) {
        oomScoreAdj = Optional.of(score.score());
      } else if (!reader.add(value)) {
        warnings.add(
            "warning: isolator "
                + value.isolatorName()
                + " is not supported for a whole pod and is not enforced");
      }
    }
    Resources resources = reader.result();
    boolean devices =
        resources.limitsBlockDevices()
            || anApp(pod, Isolator.BLOCK_BANDWIDTH)
            || anApp(pod, Isolator.BLOCK_IOPS);
    List<BlockDevices.Device> disks = devices ? disks(kernel, pod, warnings) : List.of();
    if (resources.limitsBlockDevices() && !cgroups.unified() && !disks.isEmpty()) {
      warnings.add(
          "warning: with cgroup v1 each app of the pod gets the pod's limits of block devices for"
              + " itself, not all together");
    }
    boolean memory = resources.memory().isPresent() || anApp(pod, Isolator.MEMORY);
    boolean swap = memory && SwapAccounting.counts(kernel, cgroups);
    return new PodLimits(resources, sysctls, oomScoreAdj, disks, swap);
  }

  private static void addSysctls(Map<String, String> all, Map<String, String> values, PodSpec pod)
      throws EngineException {
    for (Map.Entry<String, String> entry : values.entrySet()) {
      Optional<String> obstacle = Sysctls.obstacle(entry.getKey(), entry.getValue(), pod);
      if (obstacle.isPresent()) {
        throw EngineException.of(
            ErrorCode.INVALID,
            ATTEMPTED,
            obstacle.get(),
            "leave it out of --sysctl and of the isolators, or set it on the host with sysctl");
      }
      all.put(Sysctls.dotted(entry.getKey()), entry.getValue());
    }
  }

  /** Whether an app has an isolator of this name, whatever it comes to. */
  private static boolean anApp(PodSpec pod, String name) {
    for (AppSpec app : pod.apps()) {
      for (Isolator isolator : app.app().isolators()) {
        if (isolator.name().equals(name)) {
          return true;
        }
      }
    }
    return false;
  }

  private static List<BlockDevices.Device> disks(Kernel kernel, PodSpec pod, List<String> warnings)
      throws EngineException {
    BlockDevices devices = new BlockDevices(kernel);
    try {
      devices.add(pod.podDir());
      for (AppSpec app : pod.apps()) {
        for (BindMount mount : app.mounts()) {
          devices.add(mount.source());
        }
      }
    } catch (OsException e) {
      throw new EngineException(
          ErrorCode.SYSTEM,
          "cannot find out which block devices hold the pod's files",
          String.valueOf(e.getMessage()),
          "",
          e);
    }
    if (devices.found().isEmpty()) {
      warnings.add(
          "warning: limits of block devices are not enforced: no file of the pod lies on one ("
              + pod.podDir()
              + ")");
    }
    return devices.found();
  }

  /**
   * What an app gets that its own cgroup must carry, given the pod's: with v1 a child's CPU quota
   * may not exceed its parent's, and block devices are limited by the innermost cgroup alone.
   */
  Resources forApp(Resources app, CgroupTree cgroups) {
    if (resources.isNone() || cgroups.unified()) {
      return app;
    }
    return new Resources(
        app.memory(),
        app.cpu().isPresent() ? lower(app.cpu(), resources.cpu()) : app.cpu(),
        app.shares(),
        app.pids(),
        lower(app.blockBytes(), resources.blockBytes()),
        lower(app.blockOperations(), resources.blockOperations()));
  }

  /** The app's own, else the pod's. */
  Optional<Integer> oomScoreAdj(AppPlan app) {
    Optional<Integer> own = app.isolators().oomScoreAdj();
    return own.isPresent() ? own : oomScoreAdj;
  }

  private static Optional<Long> lower(Optional<Long> one, Optional<Long> other) {
    if (one.isEmpty() || other.isEmpty()) {
      return one.isPresent() ? one : other;
    }
    return one.get() <= other.get() ? one : other;
  }

  /** What the pod's cgroup is given. */
  List<CgroupWrite> writes(PodSpec pod, CgroupTree cgroups) {
    if (resources.isNone()) {
      return List.of();
    }
    List<CgroupWrite> out = new ArrayList<>();
    if (cgroups.unified()) {
      unified(cgroups.pod(pod.uuid()), cgroups, out);
    } else {
      perController(cgroups.pod(pod.uuid()), cgroups, out);
    }
    return out;
  }

  private void unified(String cgroup, CgroupTree cgroups, List<CgroupWrite> out) {
    Path top = cgroups.mounts().get(0).path();
    enable(top, cgroups.base(), out);
    String at = top + cgroup + "/";
    if (resources.memory().isPresent()) {
      put(out, at + "memory.max", resources.memory().get());
      if (swap) {
        put(out, at + "memory.swap.max", 0);
      }
    }
    if (resources.cpu().isPresent()) {
      out.add(new CgroupWrite(Path.of(at + "cpu.max"), resources.cpu().get() * 100 + " 100000"));
    }
    if (resources.shares().isPresent()) {
      put(out, at + "cpu.weight", Resources.weight(resources.shares().get()));
    }
    if (resources.pids().isPresent()) {
      put(out, at + "pids.max", resources.pids().get());
    }
    for (BlockDevices.Device disk :
        resources.limitsBlockDevices() ? disks : List.<BlockDevices.Device>of()) {
      String bytes = rate("bps", resources.blockBytes());
      String operations = rate("iops", resources.blockOperations());
      out.add(new CgroupWrite(Path.of(at + "io.max"), disk + bytes + operations));
    }
  }

  private static String rate(String what, Optional<Long> limit) {
    return limit.isEmpty() ? "" : " r" + what + "=" + limit.get() + " w" + what + "=" + limit.get();
  }

  /** A v2 cgroup has the controllers that each one above it has enabled for its children. */
  private void enable(Path top, String base, List<CgroupWrite> out) {
    StringBuilder controllers = new StringBuilder();
    if (resources.memory().isPresent()) {
      controllers.append("+memory ");
    }
    if (resources.cpu().isPresent() || resources.shares().isPresent()) {
      controllers.append("+cpu ");
    }
    if (resources.pids().isPresent()) {
      controllers.append("+pids ");
    }
    if (resources.limitsBlockDevices()) {
      controllers.append("+io ");
    }
    String value = controllers.toString().strip();
    for (int end = 0; end >= 0; ) {
      String part = base.substring(0, end);
      out.add(new CgroupWrite(Path.of(top + part + "/cgroup.subtree_control"), value));
      end = end == base.length() ? -1 : base.indexOf('/', end + 1);
      if (end < 0 && !part.equals(base)) {
        end = base.length();
      }
    }
  }

  private void perController(String cgroup, CgroupTree cgroups, List<CgroupWrite> out) {
    if (resources.memory().isPresent()) {
      String at = cgroups.controller("memory").orElseThrow() + cgroup + "/";
      // Before Linux 5.11 a choice, and without it the apps would not count.
      put(out, at + "memory.use_hierarchy", 1);
      put(out, at + "memory.limit_in_bytes", resources.memory().get());
      if (swap) {
        put(out, at + "memory.memsw.limit_in_bytes", resources.memory().get());
      }
    }
    if (resources.cpu().isPresent() || resources.shares().isPresent()) {
      String at = cgroups.controller("cpu").orElseThrow() + cgroup + "/";
      if (resources.shares().isPresent()) {
        put(out, at + "cpu.shares", resources.shares().get());
      }
      if (resources.cpu().isPresent()) {
        put(out, at + "cpu.cfs_period_us", 100_000);
        put(out, at + "cpu.cfs_quota_us", resources.cpu().get() * 100);
      }
    }
    if (resources.pids().isPresent()) {
      put(
          out,
          cgroups.controller("pids").orElseThrow() + cgroup + "/pids.max",
          resources.pids().get());
    }
  }

  private static void put(List<CgroupWrite> out, String file, long value) {
    out.add(new CgroupWrite(Path.of(file), Long.toString(value)));
  }
}
