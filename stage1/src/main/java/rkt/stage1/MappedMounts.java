package rkt.stage1;

import java.nio.file.Path;
import java.util.List;

/**
 * What a pod with a user namespace of its own needs mounted before its exec, after the rest of the
 * plan: the owners of its files mapped into that namespace, at places that its root can reach.
 *
 * @param range the pod's IDs
 * @param base where all of it is: an empty directory of the host that anybody may enter, on which a
 *     tmpfs of the pod's mount namespace goes
 * @param directories made below the base first
 * @param nullDevice a null device, made there
 * @param mounts file systems that are not the pod's to mount; their targets are made
 * @param roots the apps' roots
 * @param binds the rest: volumes and files that rkt provides
 */
public record MappedMounts(
    IdRange range,
    Path base,
    List<Path> directories,
    Path nullDevice,
    List<PlannedMount> mounts,
    List<Root> roots,
    List<Bind> binds) {
  public MappedMounts {
    directories = List.copyOf(directories);
    mounts = List.copyOf(mounts);
    roots = List.copyOf(roots);
    binds = List.copyOf(binds);
  }

  /**
   * An app's root.
   *
   * @param source where it is mounted or copied while the plan is made
   * @param target where the app will have it
   * @param volumes what is mounted in it, in order
   */
  public record Root(String app, Path source, Path target, List<BindMount> volumes) {
    public Root {
      volumes = List.copyOf(volumes);
    }
  }

  /**
   * A file or directory.
   *
   * @param below a relative path from the source to what is meant, with no link on the way: another
   *     pod may write there; empty for the source itself
   * @param readOnly also for a runtime that takes the mount as it is
   * @param origin what the user knows it as
   */
  public record Bind(Path source, String below, Path target, boolean readOnly, String origin) {}
}
