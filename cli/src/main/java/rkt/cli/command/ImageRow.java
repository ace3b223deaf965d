package rkt.cli.command;

import java.util.List;
import org.jspecify.annotations.Nullable;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Labels;
import rkt.store.ImageRecord;
import rkt.store.ImageSummary;
import rkt.store.ImageUsage;

/**
 * One image with what listings show of it.
 *
 * @param known what it shares, and its record; null unless that was asked for
 * @param refs the names from outside that stand for it; empty unless they were asked for
 */
record ImageRow(ImageSummary summary, String name, @Nullable ImageUsage known, List<String> refs) {

  static ImageRow of(ImageSummary summary, List<String> refs) {
    return new ImageRow(summary, name(summary.name(), summary.labels()), null, refs);
  }

  static ImageRow of(ImageUsage usage, List<String> refs) {
    ImageRecord image = usage.image();
    ImageSummary summary =
        new ImageSummary(
            image.id(),
            image.kind(),
            image.name(),
            image.labels(),
            image.importTimeNanos(),
            image.lastUsedNanos(),
            image.latest(),
            usage.blobBytes(),
            usage.treeBytes());
    return new ImageRow(summary, name(image), usage, refs);
  }

  /** For columns and conditions that {@link ImageColumns#needUsage} announced. */
  ImageUsage usage() {
    ImageUsage usage = known;
    if (usage == null) {
      throw new IllegalStateException("the usage of " + summary.id() + " was not asked for");
    }
    return usage;
  }

  /** As the ancestor showed it, {@code NAME[:VERSION]}. */
  static String name(ImageRecord image) {
    return name(image.name(), image.labels());
  }

  private static String name(AcIdentifier name, Labels labels) {
    String version = labels.get("version").orElse("");
    return version.isEmpty() ? name.value() : name.value() + ":" + version;
  }
}
