package rkt.schema.appc;

import rkt.schema.Texts;

/** IP address literals; never asks a resolver, as {@code InetAddress.getByName} would. */
public final class IpLiterals {
  private static final int IPV6_GROUPS = 8;

  private IpLiterals() {}

  public static boolean isIp(String text) {
    return isIpv4(text) || isIpv6(text);
  }

  /** Four decimal numbers without leading zeros: some readers take {@code 010} for octal. */
  public static boolean isIpv4(String text) {
    int from = 0;
    for (int part = 0; part < 4; part++) {
      int dot = text.indexOf('.', from);
      int to = part == 3 ? text.length() : dot;
      if (to < 0 || (part == 3 && dot >= 0) || !isOctet(text, from, to)) {
        return false;
      }
      from = to + 1;
    }
    return true;
  }

  private static boolean isOctet(String text, int from, int to) {
    int length = to - from;
    if (length < 1 || length > 3 || (length > 1 && text.charAt(from) == '0')) {
      return false;
    }
    int value = 0;
    for (int i = from; i < to; i++) {
      if (!Texts.isDigit(text.charAt(i))) {
        return false;
      }
      value = value * 10 + text.charAt(i) - '0';
    }
    return value <= 255;
  }

  /** RFC 4291, section 2.2: groups, at most one {@code ::}, an IPv4 tail; no zone. */
  public static boolean isIpv6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      return groups(text, true) == IPV6_GROUPS;
    }
    String head = text.substring(0, gap);
    String tail = text.substring(gap + 2);
    int before = head.isEmpty() ? 0 : groups(head, false);
    int after = tail.isEmpty() ? 0 : groups(tail, true);
    return before >= 0 && after >= 0 && before + after < IPV6_GROUPS;
  }

  /** Number of 16-bit groups, or -1 if one is malformed. */
  private static int groups(String text, boolean mayEndInIpv4) {
    int count = 0;
    int from = 0;
    while (true) {
      int colon = text.indexOf(':', from);
      int to = colon < 0 ? text.length() : colon;
      if (colon < 0 && mayEndInIpv4 && isIpv4(text.substring(from))) {
        return count + 2;
      }
      if (to - from < 1 || to - from > 4) {
        return -1;
      }
      for (int i = from; i < to; i++) {
        char c = text.charAt(i);
        if (c >= 0x80 || Character.digit(c, 16) < 0) {
          return -1;
        }
      }
      count++;
      if (colon < 0) {
        return count;
      }
      from = colon + 1;
    }
  }
}
