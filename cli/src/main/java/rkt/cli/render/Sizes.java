package rkt.cli.render;

/** Sizes in powers of 1024, as the ancestor's humanizer wrote them without its blank. */
public final class Sizes {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Sizes() {}

  /** {@code 12MiB}, {@code 1.2GiB}: one decimal below ten, none from ten on. */
  public static String iec(long bytes) {
    if (bytes < 10) {
      return bytes + "B";
    }
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    // Rounded to one decimal first, then printed: the ancestor's order, which shows at the edges.
    double rounded = Math.floor(value * 10 + 0.5) / 10;
    StringBuilder text = new StringBuilder(8);
    if (rounded < 10) {
      long tenths = Math.round(rounded * 10);
      text.append(tenths / 10).append('.').append(tenths % 10);
    } else {
      text.append((long) Math.rint(rounded));
    }
    return text.append(UNITS[unit]).toString();
  }
}
