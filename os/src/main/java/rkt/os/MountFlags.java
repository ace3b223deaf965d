package rkt.os;

import java.util.ArrayList;
import java.util.List;

/** Names of mount(2)'s flags, for people. */
public final class MountFlags {
  private static final long[] BITS = {
    Consts.MS_RDONLY,
    Consts.MS_NOSUID,
    Consts.MS_NODEV,
    Consts.MS_NOEXEC,
    Consts.MS_REMOUNT,
    Consts.MS_BIND,
    Consts.MS_MOVE,
    Consts.MS_REC,
    Consts.MS_PRIVATE,
    Consts.MS_SLAVE,
    Consts.MS_SHARED,
  };

  private static final String[] NAMES = {
    "ro", "nosuid", "nodev", "noexec", "remount", "bind", "move", "rec", "private", "slave",
    "shared",
  };

  private MountFlags() {}

  /** The names of the bits that are set; those without one as a hexadecimal number, last. */
  public static List<String> names(long flags) {
    List<String> names = new ArrayList<>(4);
    long left = flags;
    for (int i = 0; i < BITS.length; i++) {
      if ((flags & BITS[i]) != 0) {
        names.add(NAMES[i]);
        left &= ~BITS[i];
      }
    }
    if (left != 0) {
      names.add("0x" + Long.toHexString(left));
    }
    return names;
  }
}
