package rkt.stage1.oci;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.Cgroups;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.appc.PodUuid;

/**
 * Where pods live in the host's cgroup hierarchies.
 *
 * @param unified whether there is one hierarchy (v2); otherwise one per controller (v1, hybrid)
 * @param hybrid whether a v2 hierarchy is mounted beside v1, which crun refuses until it is hidden
 * @param mounts the hierarchies that runtimes use
 * @param base the cgroup, relative to each hierarchy's root, that pods are made in; empty for the
 *     root itself
 * @param left the cgroup that rkt is in and leaves for a leaf of it, so that controllers can be
 *     enabled for pods
 * @param parentsToRemove directories of a wanted base that are not there yet: they go with the pod
 *     unless another one is in them by then, those below first
 */
public record CgroupTree(
    boolean unified,
    boolean hybrid,
    List<Mount> mounts,
    String base,
    Optional<String> left,
    List<Path> parentsToRemove) {
  CgroupTree(boolean unified, boolean hybrid, List<Mount> mounts, String base) {
    this(unified, hybrid, mounts, base, Optional.empty(), List.of());
  }

  public CgroupTree {
    mounts = List.copyOf(mounts);
    parentsToRemove = List.copyOf(parentsToRemove);
  }

  private static final int LONGEST_PARENT = 1024;

  /** A mounted hierarchy and the controllers it has. */
  public record Mount(Path path, List<String> controllers) {
    public Mount {
      controllers = List.copyOf(controllers);
    }
  }

  /**
   * Looks at this host.
   *
   * @param parent the cgroup to make pods in, as {@link #checkParent} returned it
   */
  public static CgroupTree probe(Optional<String> parent) throws EngineException, IOException {
    Cgroups cgroups = Cgroups.probe(Kernel.linux());
    return parent.isPresent() ? of(Kernel.linux(), cgroups, parent.get()) : of(cgroups);
  }

  /**
   * A cgroup path that a user named: relative to the root of each hierarchy.
   *
   * @return without slashes at the end; empty for the root
   */
  public static String checkParent(String path) {
    String why = "";
    if (!path.startsWith("/")) {
      why = "it must be an absolute path below the cgroup root, such as /batch";
    }
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    String clean = path.substring(0, end);
    for (int i = 0; i < clean.length(); i++) {
      if (clean.charAt(i) < ' ' || clean.charAt(i) == 0x7f) {
        why = "it contains control characters";
      }
    }
    if ((clean + "/").contains("/../") || (clean + "/").contains("/./") || clean.contains("//")) {
      why = "it must not contain \"..\", \".\" or empty names";
    }
    if (clean.length() > LONGEST_PARENT) {
      why = "it is longer than " + LONGEST_PARENT + " characters";
    }
    if (!why.isEmpty()) {
      throw new SchemaException(Texts.quote(path) + ": " + why);
    }
    return clean;
  }

  static CgroupTree of(Cgroups cgroups) throws IOException {
    boolean unified = isUnified(cgroups);
    List<Mount> mounts = mounts(cgroups);
    Optional<String> left = Optional.empty();
    String base = cgroups.podParent();
    if (unified) {
      String top = mounts.get(0).path().toString();
      Optional<Cgroups.Delegation> own = cgroups.delegated();
      if (own.isPresent()) {
        // The delegate can enable what it was given, and nothing above it is its own to change.
        mounts = List.of(new Mount(Path.of(top), cgroups.controllersAt(top + own.get().cgroup())));
        left = own.get().inside() ? Optional.of(own.get().cgroup()) : left;
      } else {
        // The top of a container is not the machine's, and may hold processes.
        Cgroups.Occupation occupation = cgroups.occupation("");
        if (occupation == Cgroups.Occupation.US) {
          // No place for pods below: it would keep its controllers, and us from coming back.
          left = Optional.of("");
          base = "";
        } else if (occupation == Cgroups.Occupation.OTHERS) {
          // Nobody can enable more in it than there is.
          mounts = List.of(new Mount(Path.of(top), cgroups.enabledAt(top)));
        }
      }
    }
    return new CgroupTree(unified, isHybrid(cgroups), mounts, base, left, List.of());
  }

  /** With pods in a place the user wants. */
  static CgroupTree of(Kernel kernel, Cgroups cgroups, String parent)
      throws EngineException, IOException {
    Optional<String> left = isUnified(cgroups) ? room(cgroups, parent) : Optional.empty();
    List<Mount> mounts = mounts(cgroups);
    List<Path> missing = new ArrayList<>();
    for (int end = parent.length(); end > 0; end = parent.lastIndexOf('/', end - 1)) {
      for (Mount mount : mounts) {
        Path directory = Path.of(mount.path() + parent.substring(0, end));
        if (!exists(kernel, directory)) {
          missing.add(directory);
        }
      }
    }
    return new CgroupTree(isUnified(cgroups), isHybrid(cgroups), mounts, parent, left, missing);
  }

  /**
   * Makes sure that controllers can be enabled down to a v2 cgroup: none on the way may hold
   * processes.
   *
   * @return the one that holds just us
   */
  private static Optional<String> room(Cgroups cgroups, String parent)
      throws EngineException, OsException {
    Optional<String> left = Optional.empty();
    for (int end = parent.length(); end > 0; end = parent.lastIndexOf('/', end - 1)) {
      String cgroup = parent.substring(0, end);
      Cgroups.Occupation occupation = cgroups.occupation(cgroup);
      if (occupation == Cgroups.Occupation.OTHERS) {
        throw EngineException.of(
            ErrorCode.CONFLICT,
            "cannot make the pod in cgroup \"" + parent + "\"",
            "processes are in \""
                + cgroup
                + "\", and a cgroup with processes can have no limits for those below it",
            "name one without processes in --cgroup-parent");
      }
      left = occupation == Cgroups.Occupation.US ? Optional.of(cgroup) : left;
    }
    return left;
  }

  private static boolean exists(Kernel kernel, Path directory) throws OsException {
    try {
      return kernel.fstatat(Consts.AT_FDCWD, directory.toString(), 0).isDir();
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  private static boolean isUnified(Cgroups cgroups) {
    return cgroups.layout() == Cgroups.Layout.V2;
  }

  private static boolean isHybrid(Cgroups cgroups) {
    return cgroups.layout() == Cgroups.Layout.HYBRID;
  }

  private static List<Mount> mounts(Cgroups cgroups) {
    boolean unified = isUnified(cgroups);
    List<Mount> mounts = new ArrayList<>();
    for (Cgroups.Hierarchy hierarchy : cgroups.hierarchies()) {
      if (hierarchy.unified() == unified) {
        mounts.add(new Mount(Path.of(hierarchy.mountPoint()), hierarchy.controllers()));
      }
    }
    return mounts;
  }

  /** What limits block devices: the controller got a new name with v2. */
  String blockController() {
    return unified ? "io" : "blkio";
  }

  /** The cgroup of an app as the runtime's {@code cgroupsPath}: {@code BASE/rkt-UUID/APP}. */
  public String app(PodUuid uuid, String app) {
    return pod(uuid) + "/" + app;
  }

  /** The cgroup of a pod, parent of its apps'. */
  public String pod(PodUuid uuid) {
    return base + "/rkt-" + uuid.value();
  }

  /** The hierarchy of a controller, when the kernel has it. */
  Optional<Path> controller(String name) {
    for (Mount mount : mounts) {
      if (mount.controllers().contains(name)) {
        return Optional.of(mount.path());
      }
    }
    return Optional.empty();
  }

  /** Every directory a pod may have made, apps before the pod. */
  List<Path> directories(PodUuid uuid, List<String> apps) {
    List<Path> directories = new ArrayList<>(mounts.size() * (apps.size() + 1));
    for (Mount mount : mounts) {
      for (String app : apps) {
        directories.add(Path.of(mount.path() + app(uuid, app)));
      }
    }
    for (Mount mount : mounts) {
      directories.add(Path.of(mount.path() + pod(uuid)));
    }
    return directories;
  }

  /**
   * The controllers that a runtime enables in the cgroup we left. While they are, no process may be
   * started there, such as the unit's main process after a pod in {@code ExecStartPre=}.
   */
  Optional<Path> controlLeft() {
    return left.isPresent()
        ? Optional.of(Path.of(mounts.get(0).path() + left.get() + "/cgroup.subtree_control"))
        : Optional.empty();
  }

  /** The file that lists the processes of an app. */
  Optional<Path> processFile(PodUuid uuid, String app) {
    return mounts.isEmpty()
        ? Optional.empty()
        : Optional.of(Path.of(mounts.get(0).path() + app(uuid, app) + "/cgroup.procs"));
  }

  /** The file that counts an app's deaths by the OOM killer. */
  Optional<Path> oomFile(PodUuid uuid, String app) {
    Optional<Path> memory = controller("memory");
    if (memory.isEmpty()) {
      return memory;
    }
    String file = unified ? "/memory.events" : "/memory.oom_control";
    return Optional.of(Path.of(memory.get() + app(uuid, app) + file));
  }
}
