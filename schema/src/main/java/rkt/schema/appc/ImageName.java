package rkt.schema.appc;

import java.util.ArrayList;
import java.util.List;
import rkt.schema.SchemaException;
import rkt.schema.Texts;

/** An image asked for by name: {@code name[:version][,label=value...]}. */
public record ImageName(AcIdentifier name, Labels labels) {
  /**
   * Reads a name. The first colon is short for {@code ,version=}; label values are taken literally.
   */
  public static ImageName parse(String text) {
    int colon = text.indexOf(':');
    int comma = text.indexOf(',');
    if (comma >= 0 && colon > comma) {
      throw new SchemaException(
          "malformed app string - colon may appear only right after the app name: "
              + Texts.quote(text));
    }
    if (colon >= 0 && text.indexOf(':', colon + 1) >= 0) {
      throw new SchemaException(
          "malformed app string - colon may appear at most once: " + Texts.quote(text));
    }
    List<Label> labels = new ArrayList<>();
    int end = comma < 0 ? text.length() : comma;
    if (colon >= 0) {
      add(labels, Label.VERSION, text.substring(colon + 1, end));
    }
    int from = end + 1;
    while (from <= text.length()) {
      int to = text.indexOf(',', from);
      to = to < 0 ? text.length() : to;
      String part = text.substring(from, to);
      int equals = part.indexOf('=');
      if (equals < 0) {
        throw new SchemaException(
            "malformed app string - label without a value: " + Texts.quote(part));
      }
      add(labels, part.substring(0, equals), part.substring(equals + 1));
      from = to + 1;
    }
    AcIdentifier name = new AcIdentifier(text.substring(0, colon >= 0 ? colon : end));
    return new ImageName(name, new Labels(labels));
  }

  private static void add(List<Label> labels, String name, String value) {
    for (Label label : labels) {
      if (label.name().equals(name)) {
        throw new SchemaException("label " + Texts.printable(name) + " with multiple values");
      }
    }
    labels.add(new Label(name, value));
  }

  /** {@code name[:version][,os=..,arch=..,others]}, in display order. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(name.value());
    for (Label label : labels.displayOrder()) {
      if (label.name().equals(Label.VERSION)) {
        out.append(':').append(label.value());
      } else {
        out.append(',').append(label.name()).append('=').append(label.value());
      }
    }
    return out.toString();
  }
}
