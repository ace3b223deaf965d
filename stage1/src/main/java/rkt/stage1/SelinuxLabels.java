package rkt.stage1;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.random.RandomGenerator;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;

/**
 * The SELinux labels of one pod: types from the host's policy, and a pair of categories (MCS) that
 * no other running pod has, so that pods cannot touch each other's files and processes although all
 * have the same type.
 *
 * @param process label of the apps' processes
 * @param file label of their files
 * @param claim directory that stands for the pair; removed when the pod has ended
 */
public record SelinuxLabels(String process, String file, Path claim) {
  /** One directory per pair in use, host-wide as the pairs are. */
  public static final Path CLAIMS = Path.of("/run/rkt/mcs");

  private static final int CATEGORIES = 1024;
  private static final int TRIES = 1000;
  private static final int MAX_FILE = 1 << 16;

  /**
   * Labels for a new pod; empty when the host has no SELinux or its policy none for containers.
   *
   * @param claiming whether to take the pair; otherwise only to show what it would look like
   */
  public static Optional<SelinuxLabels> choose(Kernel kernel, boolean claiming) throws OsException {
    return isEnabled(kernel, "")
        ? choose(kernel, "", CLAIMS, new SecureRandom(), claiming)
        : Optional.empty();
  }

  /** Whether the kernel enforces or at least applies SELinux labels. */
  public static boolean isEnabled(Kernel kernel, String root) {
    try {
      kernel.fstatat(Consts.AT_FDCWD, root + "/sys/fs/selinux/enforce", 0);
      return true;
    } catch (OsException _) {
      return false; // selinuxfs is mounted wherever SELinux is on
    }
  }

  static Optional<SelinuxLabels> choose(
      Kernel kernel, String root, Path claims, RandomGenerator random, boolean claiming)
      throws OsException {
    Optional<String> type = value(read(kernel, root + "/etc/selinux/config"), "SELINUXTYPE");
    if (type.isEmpty() || type.get().indexOf('/') >= 0) {
      return Optional.empty();
    }
    String contexts = read(kernel, root + "/etc/selinux/" + type.get() + "/contexts/lxc_contexts");
    Optional<String> process = value(contexts, "process");
    Optional<String> file = value(contexts, "file");
    if (process.isEmpty() || file.isEmpty()) {
      return Optional.empty();
    }
    for (int i = 0; i < TRIES; i++) {
      int one = random.nextInt(CATEGORIES);
      int two = random.nextInt(CATEGORIES);
      if (one == two) {
        continue;
      }
      String pair = "c" + Math.min(one, two) + ",c" + Math.max(one, two);
      Path claim = claims.resolve(pair);
      if (!claiming || claim(kernel, claims, claim)) {
        return Optional.of(
            new SelinuxLabels(
                withCategories(process.get(), pair), withCategories(file.get(), pair), claim));
      }
    }
    throw new OsException("claim", claims.toString(), Errno.EEXIST);
  }

  /** mkdir(2) gives a name to one process only. */
  private static boolean claim(Kernel kernel, Path claims, Path claim) throws OsException {
    Path parent = claims.getParent();
    if (parent != null) {
      make(kernel, parent.toString(), 0755);
    }
    make(kernel, claims.toString(), 0700);
    return make(kernel, claim.toString(), 0700);
  }

  private static boolean make(Kernel kernel, String path, int mode) throws OsException {
    try {
      kernel.mkdirat(Consts.AT_FDCWD, path, mode);
      return true;
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      return false;
    }
  }

  /** Gives the pair back; for a pod that did not start. */
  public void release(Kernel kernel) throws OsException {
    release(kernel, claim);
  }

  /** Gives a pair back by its directory below {@link #CLAIMS}; nothing when that has gone. */
  public static void release(Kernel kernel, Path claim) throws OsException {
    try {
      kernel.unlinkat(Consts.AT_FDCWD, claim.toString(), Consts.AT_REMOVEDIR);
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  /**
   * The option, with its comma, that gives a file system the label. In quotes, because the pair of
   * categories has a comma in it.
   */
  public static String mountOption(String file) {
    return file.isEmpty() ? "" : ",context=\"" + file + "\"";
  }

  /** USER:ROLE:TYPE:SENSITIVITY with these categories instead of others. */
  private static String withCategories(String label, String pair) {
    int colons = 0;
    for (int i = 0; i < label.length(); i++) {
      if (label.charAt(i) == ':' && ++colons == 4) {
        return label.substring(0, i + 1) + pair;
      }
    }
    return (colons == 3 ? label : label + ":s0") + ":" + pair;
  }

  private static String read(Kernel kernel, String path) throws OsException {
    try {
      return SmallFiles.readText(kernel, path, MAX_FILE);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return "";
      }
      throw e;
    }
  }

  /** The value of a line {@code NAME = "VALUE"}; quotes and blanks are optional. */
  private static Optional<String> value(String text, String name) {
    for (String line : text.lines().toList()) {
      int at = line.indexOf('=');
      if (at > 0 && line.substring(0, at).strip().equals(name)) {
        String value = line.substring(at + 1).strip();
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        value = quoted ? value.substring(1, value.length() - 1) : value;
        return value.isEmpty() ? Optional.empty() : Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
