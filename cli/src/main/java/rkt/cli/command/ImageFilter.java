package rkt.cli.command;

import java.util.ArrayList;
import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Values;
import rkt.schema.EngineException;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;

/** The conditions of {@code --filter}; an image has to meet all of them. */
final class ImageFilter {
  private static final String KEYS =
      "name, label.NAME, type, verdict, latest, ref, before and since";

  private interface Condition {
    boolean holds(ImageRow row);
  }

  private final List<Condition> conditions = new ArrayList<>(2);
  private boolean needsRefs;
  private boolean needsUsage;

  private ImageFilter() {}

  /**
   * @param store where the images of {@code before} and {@code since} are looked up
   */
  static ImageFilter of(List<String> filters, ImageStore store)
      throws CommandFailure, EngineException {
    ImageFilter filter = new ImageFilter();
    for (String text : filters) {
      int equals = text.indexOf('=');
      if (equals < 1) {
        throw CommandFailure.of("filter " + Values.quote(text) + " is not of the form KEY=VALUE");
      }
      String key = text.substring(0, equals);
      filter.conditions.add(filter.condition(key, text.substring(equals + 1), store));
    }
    return filter;
  }

  private Condition condition(String key, String value, ImageStore store)
      throws CommandFailure, EngineException {
    if (key.startsWith("label.")) {
      String label = key.substring("label.".length());
      return row -> Glob.matches(value, row.summary().labels().get(label).orElse(null));
    }
    switch (key) {
      case "name" -> {
        return row ->
            Glob.matches(value, row.name()) || Glob.matches(value, row.summary().name().value());
      }
      case "type" -> {
        oneOf(key, value, "aci", "oci");
        return row -> ImageColumns.type(row.summary().kind()).equals(value);
      }
      case "verdict" -> {
        oneOf(key, value, "pgp", "cosign", "unsigned", "unchecked");
        needsUsage = true;
        return row -> row.usage().image().verdict().kind().word().equals(value);
      }
      case "latest" -> {
        oneOf(key, value, "true", "false");
        return row -> row.summary().latest() == value.equals("true");
      }
      case "ref" -> {
        needsRefs = true;
        return row -> row.refs().stream().anyMatch(ref -> Glob.matches(value, ref));
      }
      case "before" -> {
        long time = ImageArgument.find(store, value).importTimeNanos();
        return row -> row.summary().importTimeNanos() < time;
      }
      case "since" -> {
        ImageRecord since = ImageArgument.find(store, value);
        return row -> row.summary().importTimeNanos() > since.importTimeNanos();
      }
      default ->
          throw CommandFailure.of(
              "unknown filter " + Values.quote(key) + " (there are " + KEYS + ")");
    }
  }

  private static void oneOf(String key, String value, String... known) throws CommandFailure {
    for (String each : known) {
      if (each.equals(value)) {
        return;
      }
    }
    throw CommandFailure.of(
        "filter "
            + key
            + " has no value "
            + Values.quote(value)
            + " (use "
            + String.join(", ", known)
            + ")");
  }

  /** Whether a condition looks at the references of images. */
  boolean needsRefs() {
    return needsRefs;
  }

  /** Whether a condition looks at more than a summary knows. */
  boolean needsUsage() {
    return needsUsage;
  }

  boolean accepts(ImageRow row) {
    for (Condition condition : conditions) {
      if (!condition.holds(row)) {
        return false;
      }
    }
    return true;
  }
}
