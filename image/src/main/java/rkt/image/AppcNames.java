package rkt.image;

import java.util.ArrayList;
import java.util.List;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Label;
import rkt.schema.appc.Labels;

/** The written form of an appc image: {@code name[:version][,label=value...]}. */
public final class AppcNames {
  private AppcNames() {}

  /**
   * Reads a written name. Values are taken literally: the ancestor escaped them and unescaped them again.
   *
   * @throws EngineException INVALID naming what is malformed
   */
  public static ImageString.NameImage parse(String text) throws EngineException {
    int comma = text.indexOf(',');
    int colon = text.indexOf(':');
    if (colon >= 0 && comma >= 0 && colon > comma) {
      throw malformed(text, "malformed app string - colon may appear only right after the app name");
    }
    if (colon >= 0 && text.indexOf(':', colon + 1) >= 0) {
      throw malformed(text, "malformed app string - colon may appear at most once");
    }
    int nameEnd = colon >= 0 ? colon : comma >= 0 ? comma : text.length();
    try {
      AcIdentifier name = new AcIdentifier(text.substring(0, nameEnd));
      List<Label> labels = new ArrayList<>();
      int from = nameEnd;
      if (colon >= 0) {
        int to = comma >= 0 ? comma : text.length();
        labels.add(new Label("version", text.substring(colon + 1, to)));
        from = to;
      }
      while (from < text.length()) {
        int next = text.indexOf(',', from + 1);
        int to = next < 0 ? text.length() : next;
        labels.add(label(text, text.substring(from + 1, to), labels));
        from = to;
      }
      return new ImageString.NameImage(name, new Labels(labels), text);
    } catch (SchemaException e) {
      throw malformed(text, String.valueOf(e.getMessage()));
    }
  }

  private static Label label(String text, String part, List<Label> soFar) throws EngineException {
    int equals = part.indexOf('=');
    if (equals < 0) {
      throw malformed(text, "malformed app string - has a label without a value: " + part);
    }
    String key = new AcIdentifier(part.substring(0, equals)).value();
    for (Label other : soFar) {
      if (other.name().equals(key)) {
        throw malformed(text, "label " + key + " with multiple values");
      }
    }
    return new Label(key, part.substring(equals + 1));
  }

  private static EngineException malformed(String text, String why) {
    return EngineException.of(
        ErrorCode.INVALID,
        "invalid image string \"" + text + "\"",
        why,
        "write NAME[:VERSION][,LABEL=VALUE...]");
  }

  /** The written form again: version behind a colon, other labels in display order. */
  public static String format(AcIdentifier name, Labels labels) {
    StringBuilder out = new StringBuilder(name.value());
    labels.get("version").ifPresent(version -> out.append(':').append(version));
    for (Label label : labels.displayOrder()) {
      if (!label.name().equals("version")) {
        out.append(',').append(label.name()).append('=').append(label.value());
      }
    }
    return out.toString();
  }
}
