package rkt.net;

import java.util.Optional;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;

/** The IPv4 routes of the calling thread's network, as {@code /proc/net/route} shows them. */
final class RouteTable {
  private static final int LIMIT = 16 << 20;

  private RouteTable() {}

  /**
   * An interface of the host.
   *
   * @param own whether its route leads to this one address: it is the pod's own, and goes with it
   */
  record Link(String name, boolean own) {}

  /** The interface through which an address is reached by its most specific route. */
  static Optional<Link> linkTo(Kernel kernel, String ip) throws OsException {
    return linkTo(SmallFiles.readText(kernel, "/proc/thread-self/net/route", LIMIT), ip);
  }

  static Optional<Link> linkTo(String table, String ip) {
    long address = number(ip);
    long best = -1;
    String found = "";
    int from = table.indexOf('\n') + 1;
    while (from > 0 && from < table.length()) {
      int end = table.indexOf('\n', from);
      String[] fields = table.substring(from, end < 0 ? table.length() : end).split("\t");
      if (fields.length > 7) {
        // Both are in the byte order of the machine that wrote them, which is little-endian here.
        long destination = Integer.reverseBytes((int) Long.parseLong(fields[1], 16)) & 0xffffffffL;
        long mask = Integer.reverseBytes((int) Long.parseLong(fields[7], 16)) & 0xffffffffL;
        if ((address & mask) == destination && mask > best && mask != 0) {
          best = mask;
          found = fields[0];
        }
      }
      from = end < 0 ? -1 : end + 1;
    }
    return found.isEmpty() ? Optional.empty() : Optional.of(new Link(found, best == 0xffffffffL));
  }

  /** An IPv4 address as a number. */
  static long number(String ip) {
    long out = 0;
    int from = 0;
    for (int i = 0; i < 4; i++) {
      int dot = ip.indexOf('.', from);
      out = out << 8 | Integer.parseInt(ip.substring(from, dot < 0 ? ip.length() : dot));
      from = dot + 1;
    }
    return out;
  }
}
