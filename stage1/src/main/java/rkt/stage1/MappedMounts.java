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
 * @param mounts file systems that are not the pod's to mount; their targets are made
 * @param roots the apps' roots
 * @param binds the rest: volumes and files that rkt provides
 */
public record MappedMounts(
    IdRange range,
    Path base,
    List<Path> directories,
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
   */
  public record Root(String app, Path source, Path target) {}

  /**
   * A file or directory.
   *
   * @param recursive with what is mounted below it
   * @param readOnly for good: nobody in the pod can change that, whatever capabilities he has
   */
  public record Bind(Path source, Path target, boolean recursive, boolean readOnly) {}
}
