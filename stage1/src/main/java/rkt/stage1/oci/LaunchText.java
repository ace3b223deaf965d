package rkt.stage1.oci;

import java.nio.file.Path;

/** The NUL-terminated {@code key=value} strings that {@code rkt-supervisor} reads. */
final class LaunchText {
  private final StringBuilder out = new StringBuilder(4096);

  void put(String key, long value) {
    put(key, Long.toString(value));
  }

  void put(String key, Path value) {
    put(key, value.toString());
  }

  void put(String key, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(key + " contains a NUL character");
    }
    out.append(key).append('=').append(value).append('\0');
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
