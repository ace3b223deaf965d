package rkt.pod;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.RandomBytes;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.PodUuid;
import rkt.stage1.IdRange;

/**
 * Which pod has which range of the host's IDs: no two have the same, whatever data directories they
 * are in.
 *
 * <p>A claim is a symbolic link named after the range that leads to the pod: {@code
 * <data>/pods/UUID}, a path that never exists, as a pod's directory is one level further down and
 * moves. It holds for as long as a pod of that UUID is anywhere in that data directory, so a
 * process that is killed between any two steps leaves a claim that the next one takes away. All
 * changes are made under one lock, else two processes could take the same dead claim away, the
 * second one after the first had made a new one of it.
 *
 * <p>Claims are on {@code /run}: after a reboot there are none, and a pod that was prepared before
 * claims again, or gets another range. Nothing on disk depends on the range until the pod runs.
 */
final class IdRanges {
  static final Path CLAIMS = Path.of("/run/rkt/ranges");

  /** Ranges are numbered 1 to this, so that no ID is negative for anybody. */
  private static final int LAST = 0x7fff;

  /** systemd's range for the owners of foreign images (its documentation UIDS-GIDS). */
  private static final int FOREIGN = 0x7ffe;

  private static final String ATTEMPTED = "cannot give the pod a range of user IDs";
  private static final int LIMIT = 16 << 20;
  private static final String LOCK = "lock";

  private final Kernel kernel;
  private final Path claims;
  private final Path etc;
  private final Path pods;

  IdRanges(PodStore pods) {
    this(pods.kernel(), CLAIMS, Path.of("/etc"), pods.layout().pods());
  }

  IdRanges(Kernel kernel, Path claims, Path etc, Path pods) {
    this.kernel = kernel;
    this.claims = claims;
    this.etc = etc;
    this.pods = pods;
  }

  /** A range that no other pod has and no user of the host; the pod's directory exists. */
  IdRange claim(PodUuid uuid) throws EngineException {
    try (FileLock lock = lock();
        Fd dir = Fd.directory(kernel, claims.toString())) {
      BitSet taken = taken(dir);
      byte[] random = RandomBytes.of(2);
      int start = (((random[0] & 0x7f) << 8) | (random[1] & 0xff)) % LAST;
      for (int i = 0; i < LAST; i++) {
        int number = 1 + (start + i) % LAST;
        if (!taken.get(number)) {
          kernel.symlinkat(target(uuid), dir.number(), Integer.toString(number));
          return IdRange.numbered(number);
        }
      }
    } catch (OsException e) {
      throw Failures.system(ATTEMPTED, e);
    }
    throw EngineException.of(
        ErrorCode.CONFLICT,
        ATTEMPTED,
        "all " + LAST + " ranges belong to other pods or to users of the host",
        "remove pods with rkt gc or rkt rm, or see what /etc/subuid gives to others");
  }

  /**
   * For a pod that was prepared earlier: its range if it is still its own or free, else another.
   */
  IdRange renew(PodUuid uuid, IdRange range) throws EngineException {
    try (FileLock lock = lock();
        Fd dir = Fd.directory(kernel, claims.toString())) {
      String name = Integer.toString(range.first() / IdRange.COUNT);
      if (target(uuid).equals(owner(dir, name))) {
        return range;
      }
      if (range.equals(IdRange.numbered(range.first() / IdRange.COUNT))
          && !taken(dir).get(range.first() / IdRange.COUNT)) {
        kernel.symlinkat(target(uuid), dir.number(), name);
        return range;
      }
    } catch (OsException e) {
      throw Failures.system(ATTEMPTED, e);
    }
    return claim(uuid);
  }

  /** Gives up what a pod has, when it is about to go or has gone. */
  void release(PodUuid uuid) throws OsException {
    if (!exists(claims)) {
      return;
    }
    try (FileLock lock = lock();
        Fd dir = Fd.directory(kernel, claims.toString())) {
      for (String name : kernel.list(dir.number())) {
        if (target(uuid).equals(owner(dir, name))) {
          kernel.unlinkat(dir.number(), name, 0);
        }
      }
    }
  }

  /** Takes away the claims of pods that are gone. */
  void sweep() throws OsException {
    if (!exists(claims)) {
      return;
    }
    try (FileLock lock = lock();
        Fd dir = Fd.directory(kernel, claims.toString())) {
      claimed(dir);
    }
  }

  private FileLock lock() throws OsException {
    makeDirectories(claims);
    return FileLock.keyExclusive(kernel, claims.resolve(LOCK));
  }

  private void makeDirectories(Path dir) throws OsException {
    if (exists(dir)) {
      return;
    }
    Path parent = dir.getParent();
    if (parent != null) {
      makeDirectories(parent);
    }
    try {
      kernel.mkdirat(Consts.AT_FDCWD, dir.toString(), 0755);
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }

  private boolean exists(Path path) throws OsException {
    try {
      kernel.fstatat(Consts.AT_FDCWD, path.toString(), Consts.AT_SYMLINK_NOFOLLOW);
      return true;
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return false;
      }
      throw e;
    }
  }

  private String target(PodUuid uuid) {
    return pods.resolve(uuid.value()).toString();
  }

  /** The pod that a claim leads to; empty when it is none. */
  private String owner(Fd dir, String name) throws OsException {
    try {
      return name.equals(LOCK) ? "" : kernel.readlinkat(dir.number(), name);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.EINVAL)) {
        return "";
      }
      throw e;
    }
  }

  /** The numbers of ranges that cannot be had; dead claims are taken away on the way. */
  private BitSet taken(Fd dir) throws OsException {
    BitSet taken = claimed(dir);
    taken.set(FOREIGN);
    for (String file : List.of("passwd", "group")) {
      for (List<String> entry : entries(file)) {
        reserve(taken, number(entry, 2), 1);
      }
    }
    for (String file : List.of("subuid", "subgid")) {
      for (List<String> entry : entries(file)) {
        reserve(taken, number(entry, 1), number(entry, 2));
      }
    }
    return taken;
  }

  private BitSet claimed(Fd dir) throws OsException {
    BitSet taken = new BitSet(LAST + 1);
    for (String name : kernel.list(dir.number())) {
      String owner = owner(dir, name);
      if (owner.isEmpty()) {
        continue;
      }
      if (lives(Path.of(owner))) {
        taken.set((int) Math.min(Math.max(number(List.of(name), 0), 0), LAST));
      } else {
        kernel.unlinkat(dir.number(), name, 0);
      }
    }
    return taken;
  }

  /**
   * Twice, since a pod may move on while its places are looked through, in the order in which it
   * goes through them.
   */
  private boolean lives(Path pod) throws OsException {
    Path parent = pod.getParent();
    String uuid = String.valueOf(pod.getFileName());
    for (int look = 0; parent != null && look < 2; look++) {
      for (PodDirectory directory : PodDirectory.values()) {
        if (exists(parent.resolve(directory.dirName()).resolve(uuid))) {
          return true;
        }
      }
    }
    return false;
  }

  private static void reserve(BitSet taken, long first, long count) {
    long from = first >> 16;
    long to = (first + count - 1) >> 16;
    if (first >= 0 && count > 0 && from <= LAST) {
      taken.set((int) from, (int) Math.min(to, LAST) + 1);
    }
  }

  private List<List<String>> entries(String file) throws OsException {
    List<List<String>> out = new ArrayList<>();
    String text;
    try {
      text = SmallFiles.readText(kernel, etc.resolve(file).toString(), LIMIT);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return out;
      }
      throw e;
    }
    for (String line : split(text, '\n')) {
      out.add(split(line, ':'));
    }
    return out;
  }

  /** Also the empty ones between two separators. */
  private static List<String> split(String text, char separator) {
    List<String> out = new ArrayList<>();
    int from = 0;
    for (int to = text.indexOf(separator); to >= 0; to = text.indexOf(separator, from)) {
      out.add(text.substring(from, to));
      from = to + 1;
    }
    out.add(text.substring(from));
    return out;
  }

  /** A field of an entry; -1 when it is no number. */
  private static long number(List<String> entry, int field) {
    if (entry.size() <= field) {
      return -1;
    }
    try {
      return Integer.toUnsignedLong(Integer.parseUnsignedInt(entry.get(field).strip()));
    } catch (NumberFormatException _) {
      return -1;
    }
  }
}
