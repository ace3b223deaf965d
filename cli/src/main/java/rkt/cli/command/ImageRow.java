package rkt.cli.command;

import java.util.List;
import rkt.store.ImageRecord;
import rkt.store.ImageUsage;

/**
 * One image with what listings show of it.
 *
 * @param usage what it takes on the disk
 * @param name with the version, if it has one
 * @param refs the names from outside that stand for it; empty unless they were asked for
 */
record ImageRow(ImageUsage usage, String name, List<String> refs) {
  ImageRecord image() {
    return usage.image();
  }

  static ImageRow of(ImageUsage usage, List<String> refs) {
    return new ImageRow(usage, name(usage.image()), refs);
  }

  /** As the ancestor showed it, {@code NAME[:VERSION]}. */
  static String name(ImageRecord image) {
    String version = image.labels().get("version").orElse("");
    return image.name() + (version.isEmpty() ? "" : ":" + version);
  }
}
