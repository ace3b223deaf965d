package rkt.os;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The control groups of this host (cgroups(7)): which layout, where each controller is mounted, who
 * is where.
 *
 * <p>A <em>relative path</em> here starts with {@code /} and is relative to the mount point of each
 * hierarchy, which is the whole hierarchy on a plain host and a part of it inside a container. What
 * {@code /proc/PID/cgroup} prints is relative to the hierarchy: {@link Hierarchy#directory} maps
 * it.
 */
public final class Cgroups {
  /** How the host uses cgroups. In a hybrid layout the controllers are (mostly) those of v1. */
  public enum Layout {
    V1,
    V2,
    HYBRID,
    NONE
  }

  /** Where pods go on a v2 host unless the caller's own cgroup was delegated to it. */
  public static final String MACHINE_SLICE = "/machine.slice";

  private static final int LIMIT = 1 << 20;
  private static final List<String> V1_OPTIONS_NOT_CONTROLLERS =
      List.of("rw", "ro", "xattr", "noprefix", "clone_children", "cpuset_v2_mode", "none");

  private final Kernel kernel;
  private final String prefix;
  private final List<Hierarchy> hierarchies;

  /**
   * One mounted hierarchy.
   *
   * @param mountPoint where it is mounted
   * @param root the cgroup that shows up at the mount point, {@code /} on a plain host
   * @param controllers v1: those of the hierarchy; v2: those available at its mount point
   * @param name of a v1 hierarchy mounted by name ({@code systemd}), else empty
   */
  public record Hierarchy(
      String mountPoint, String root, List<String> controllers, String name, boolean unified) {
    public Hierarchy {
      controllers = List.copyOf(controllers);
    }

    /** The directory of a cgroup as {@code /proc/PID/cgroup} names it; empty when out of sight. */
    public Optional<String> directory(String cgroup) {
      if (root.equals("/")) {
        return Optional.of(cgroup.equals("/") ? mountPoint : mountPoint + cgroup);
      }
      if (cgroup.equals(root)) {
        return Optional.of(mountPoint);
      }
      return cgroup.startsWith(root + "/")
          ? Optional.of(mountPoint + cgroup.substring(root.length()))
          : Optional.empty();
    }
  }

  private Cgroups(Kernel kernel, String prefix, List<Hierarchy> hierarchies) {
    this.kernel = kernel;
    this.prefix = prefix;
    this.hierarchies = List.copyOf(hierarchies);
  }

  /** Looks at the host as the calling thread sees it. */
  public static Cgroups probe(Kernel kernel) throws OsException {
    return probe(kernel, "");
  }

  /**
   * Looks at a recorded host.
   *
   * @param prefix directory that holds its {@code /proc} and {@code /sys}
   */
  public static Cgroups probe(Kernel kernel, String prefix) throws OsException {
    MountTable table = MountTable.read(kernel, prefix + "/proc/thread-self/mountinfo");
    List<Hierarchy> found = new ArrayList<>();
    for (MountTable.Mount mount : table.mounts()) {
      boolean unified = mount.type().equals("cgroup2");
      if (!unified && !mount.type().equals("cgroup")) {
        continue;
      }
      String at = prefix + mount.mountPoint();
      Hierarchy hierarchy =
          unified
              ? new Hierarchy(at, mount.root(), availableControllers(kernel, at), "", true)
              : new Hierarchy(at, mount.root(), v1Controllers(mount), v1Name(mount), false);
      if (!isMountedTwice(found, hierarchy)) {
        found.add(hierarchy);
      }
    }
    return new Cgroups(kernel, prefix, found);
  }

  /** Containers bind the same hierarchy to further places; the first mount is the host's. */
  private static boolean isMountedTwice(List<Hierarchy> found, Hierarchy candidate) {
    for (Hierarchy h : found) {
      if (h.unified() == candidate.unified()
          && (h.unified()
              || (h.controllers().equals(candidate.controllers())
                  && h.name().equals(candidate.name())))) {
        return true;
      }
    }
    return false;
  }

  private static List<String> v1Controllers(MountTable.Mount mount) {
    List<String> controllers = new ArrayList<>();
    for (String option : Words.split(mount.superOptions(), ',')) {
      if (option.indexOf('=') < 0 && !V1_OPTIONS_NOT_CONTROLLERS.contains(option)) {
        controllers.add(option);
      }
    }
    return controllers;
  }

  private static String v1Name(MountTable.Mount mount) {
    for (String option : Words.split(mount.superOptions(), ',')) {
      if (option.startsWith("name=")) {
        return option.substring("name=".length());
      }
    }
    return "";
  }

  private static List<String> availableControllers(Kernel kernel, String mountPoint)
      throws OsException {
    try {
      String text = SmallFiles.readText(kernel, mountPoint + "/cgroup.controllers", LIMIT);
      return Words.split(text.strip(), ' ');
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return List.of();
      }
      throw e;
    }
  }

  public Layout layout() {
    boolean v1 = false;
    boolean v2 = false;
    for (Hierarchy h : hierarchies) {
      v1 |= !h.unified();
      v2 |= h.unified();
    }
    if (v1) {
      return v2 ? Layout.HYBRID : Layout.V1;
    }
    return v2 ? Layout.V2 : Layout.NONE;
  }

  public List<Hierarchy> hierarchies() {
    return hierarchies;
  }

  /** The hierarchy that has a controller such as {@code memory}. */
  public Optional<Hierarchy> controller(String name) {
    for (Hierarchy h : hierarchies) {
      if (h.controllers().contains(name)) {
        return Optional.of(h);
      }
    }
    return Optional.empty();
  }

  /** The v2 hierarchy. */
  public Optional<Hierarchy> unified() {
    for (Hierarchy h : hierarchies) {
      if (h.unified()) {
        return Optional.of(h);
      }
    }
    return Optional.empty();
  }

  /**
   * The cgroups of a process, as {@code /proc/PID/cgroup} prints them.
   *
   * @return by controllers ({@code cpu,cpuacct}), {@code name=systemd}, and for v2 the empty string
   */
  public Map<String, String> memberships(int pid) throws OsException {
    return parseMemberships("/proc/" + pid + "/cgroup");
  }

  /** The cgroups of this process. */
  public Map<String, String> memberships() throws OsException {
    return parseMemberships("/proc/self/cgroup");
  }

  private Map<String, String> parseMemberships(String file) throws OsException {
    Map<String, String> memberships = new LinkedHashMap<>();
    String text = SmallFiles.readText(kernel, prefix + file, LIMIT);
    for (String line : Words.split(text, '\n')) {
      int first = line.indexOf(':');
      int second = line.indexOf(':', first + 1);
      if (first > 0 && second > first) {
        String path = line.substring(second + 1);
        if (path.endsWith(" (deleted)")) {
          path = path.substring(0, path.length() - " (deleted)".length());
        }
        memberships.put(line.substring(first + 1, second), path);
      }
    }
    return memberships;
  }

  /**
   * A v2 cgroup that was given to us to manage.
   *
   * @param cgroup its relative path
   * @param inside whether this process is in the cgroup itself and not in one below: it must first
   *     {@link CgroupTree#join} a leaf, for a cgroup with controllers for its children may not hold
   *     processes
   */
  public record Delegation(String cgroup, boolean inside) {}

  /**
   * The cgroup that whoever started us delegated (systemd's {@code Delegate=}, which it marks with
   * an extended attribute): our own, or with {@code DelegateSubgroup=} the one above. Not when
   * other processes are in it, such as the shell that runs us as one of many commands: it can then
   * have no controllers for its children, and those processes are not ours to move.
   */
  public Optional<Delegation> delegated() throws OsException {
    Optional<Hierarchy> unified = unified();
    String own = memberships().get("");
    if (unified.isEmpty() || own == null) {
      return Optional.empty();
    }
    Optional<String> directory = unified.get().directory(own);
    if (directory.isEmpty()) {
      return Optional.empty();
    }
    String mountPoint = unified.get().mountPoint();
    String here = directory.get();
    if (marked(here)) {
      return onlyHolds(here, kernel.getpid())
          ? Optional.of(new Delegation(here.substring(mountPoint.length()), true))
          : Optional.empty();
    }
    int slash = here.lastIndexOf('/');
    String above = here.substring(0, slash);
    // systemd runs the commands before and around the main process of a unit in ".control", and
    // starts that process in the unit's own cgroup, which must therefore stay without controllers.
    if (above.length() > mountPoint.length()
        && !here.substring(slash).equals("/.control")
        && marked(above)
        && onlyHolds(above, 0)) {
      return Optional.of(new Delegation(above.substring(mountPoint.length()), false));
    }
    return Optional.empty();
  }

  /** Who is in a cgroup, not counting those below it. */
  public enum Occupation {
    NOBODY,
    US,
    OTHERS
  }

  /**
   * Who is in a v2 cgroup.
   *
   * @param relative its relative path; a missing cgroup holds nobody, and the root of the hierarchy
   *     may hold anybody, for it alone can limit those below all the same
   */
  public Occupation occupation(String relative) throws OsException {
    Hierarchy unified = hierarchies.get(0);
    for (Hierarchy h : hierarchies) {
      unified = h.unified() ? h : unified;
    }
    String directory = unified.mountPoint() + relative;
    // Only the root has no such file (cgroup.type), also inside a container.
    try {
      SmallFiles.readText(kernel, directory + "/cgroup.type", LIMIT);
      if (onlyHolds(directory, 0)) {
        return Occupation.NOBODY;
      }
      return onlyHolds(directory, kernel.getpid()) ? Occupation.US : Occupation.OTHERS;
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return Occupation.NOBODY;
      }
      throw e;
    }
  }

  /** The controllers that a v2 cgroup has for those below it. */
  public List<String> enabledAt(String directory) throws OsException {
    String text = SmallFiles.readText(kernel, directory + "/cgroup.subtree_control", LIMIT);
    return Words.split(text.strip(), ' ');
  }

  /** The controllers that a v2 cgroup has. */
  public List<String> controllersAt(String directory) throws OsException {
    return availableControllers(kernel, directory);
  }

  /** Whether a cgroup holds no process, or just the one given; those out of sight count as well. */
  private boolean onlyHolds(String directory, int pid) throws OsException {
    String text = SmallFiles.readText(kernel, directory + "/cgroup.procs", LIMIT);
    for (String line : Words.split(text, '\n')) {
      if (pid == 0 || !line.equals(Integer.toString(pid))) {
        return false;
      }
    }
    return true;
  }

  private boolean marked(String directory) throws OsException {
    return marked(directory, "user.delegate") || marked(directory, "trusted.delegate");
  }

  private boolean marked(String directory, String attribute) throws OsException {
    try {
      byte[] value = kernel.lgetxattr(directory, attribute);
      return value != null && value.length == 1 && value[0] == '1';
    } catch (OsException e) {
      // No such cgroup in sight, no xattrs in this kernel's cgroup2, or not root: not delegated.
      if (e.is(Errno.ENOENT) || e.is(Errno.EOPNOTSUPP) || e.is(Errno.EPERM)) {
        return false;
      }
      throw e;
    }
  }

  /** The relative path below which pods make their cgroups; empty is each hierarchy's root. */
  public String podParent() throws OsException {
    if (layout() != Layout.V2) {
      return "";
    }
    Optional<Delegation> delegation = delegated();
    return delegation.isPresent() ? delegation.get().cgroup() : MACHINE_SLICE;
  }

  /** The directory that a relative path names in each hierarchy, whether it exists or not. */
  public List<String> directories(String relative) {
    List<String> directories = new ArrayList<>(hierarchies.size());
    for (Hierarchy h : hierarchies) {
      directories.add(h.mountPoint() + relative);
    }
    return directories;
  }

  /** The cgroup of a relative path, with its sub-cgroups. */
  public CgroupTree tree(String relative) {
    return new CgroupTree(kernel, this, relative);
  }

  /** Removes a cgroup and those below it from every hierarchy; see {@link CgroupTree#remove}. */
  public void removeTree(String relative) throws OsException {
    tree(relative).remove();
  }
}
