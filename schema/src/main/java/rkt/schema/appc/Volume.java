package rkt.schema.appc;

import java.util.Map;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/**
 * A volume of a pod: a path of the host, or a directory that lives as long as the pod.
 *
 * @param source path on the host, absolute; empty for an empty volume
 * @param readOnly decides for every mount when given; otherwise the mount point does
 * @param recursive whether mounts below {@code source} come along; the flavor decides when absent
 * @param mode permissions of an empty volume as octal digits; always present there
 * @param uid owner of an empty volume; always present there
 * @param gid group of an empty volume; always present there
 */
public record Volume(
    AcName name,
    Kind kind,
    String source,
    Optional<Boolean> readOnly,
    Optional<Boolean> recursive,
    Optional<String> mode,
    Optional<Integer> uid,
    Optional<Integer> gid) {
  private static final String DEFAULT_MODE = "0755";
  private static final int MAX_MODE = 07777;

  /** Where the content comes from. */
  public enum Kind {
    HOST("host"),
    EMPTY("empty");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** The kind's name in documents. */
    public String text() {
      return text;
    }

    static Kind parse(String text) {
      if (text.equals("host")) {
        return HOST;
      } else if (text.equals("empty")) {
        return EMPTY;
      }
      throw new SchemaException("unrecognized volume kind: should be one of \"empty\", \"host\"");
    }
  }

  public Volume {
    if (kind == Kind.EMPTY) {
      if (!source.isEmpty()) {
        throw new SchemaException("source for empty volume must be empty");
      }
      mode = mode.isPresent() ? mode : Optional.of(DEFAULT_MODE);
      uid = uid.isPresent() ? uid : Optional.of(0);
      gid = gid.isPresent() ? gid : Optional.of(0);
      parseMode(mode.get());
      if (uid.get() < 0 || gid.get() < 0) {
        throw new SchemaException("uid and gid of an empty volume must not be negative");
      }
    } else {
      if (source.isEmpty()) {
        throw new SchemaException("source for host volume cannot be empty");
      }
      Rules.absolutePath("source for host volume", source);
      if (mode.isPresent() || uid.isPresent() || gid.isPresent()) {
        throw new SchemaException("mode, uid and gid cannot be set for a host volume");
      }
    }
  }

  /** An empty volume with the default mode and owner. */
  public static Volume empty(AcName name) {
    return new Volume(
        name,
        Kind.EMPTY,
        "",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** A path of the host. */
  public static Volume host(AcName name, String source, Optional<Boolean> readOnly) {
    return new Volume(
        name,
        Kind.HOST,
        source,
        readOnly,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Reads {@code NAME,kind=..,source=..,readOnly=..,recursive=..,mode=..,uid=..,gid=..}. */
  public static Volume parse(String text) {
    Map<String, String> parameters = ParameterList.parse("name=" + text);
    String name = "";
    String kind = "";
    String source = "";
    Optional<Boolean> readOnly = Optional.empty();
    Optional<Boolean> recursive = Optional.empty();
    Optional<String> mode = Optional.empty();
    Optional<Integer> uid = Optional.empty();
    Optional<Integer> gid = Optional.empty();
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      String key = parameter.getKey();
      String value = parameter.getValue();
      switch (key) {
        case "name" -> name = value;
        case "kind" -> kind = value;
        case "source" -> source = value;
        case "readOnly" -> readOnly = Optional.of(ParameterList.bool(key, value));
        case "recursive" -> recursive = Optional.of(ParameterList.bool(key, value));
        case "mode" -> mode = Optional.of(value);
        case "uid" -> uid = Optional.of(ParameterList.number(key, value));
        case "gid" -> gid = Optional.of(ParameterList.number(key, value));
        default -> throw new SchemaException("unknown volume parameter " + Texts.quote(key));
      }
    }
    return new Volume(
        new AcName(name), Kind.parse(kind), source, readOnly, recursive, mode, uid, gid);
  }

  /** The permission bits of an empty volume; 0 for a host volume. */
  public int modeBits() {
    return mode.isPresent() ? parseMode(mode.get()) : 0;
  }

  private static int parseMode(String mode) {
    int bits = 0;
    boolean valid = !mode.isEmpty() && mode.length() <= 6;
    for (int i = 0; valid && i < mode.length(); i++) {
      char c = mode.charAt(i);
      valid = c >= '0' && c <= '7';
      bits = bits << 3 | (c - '0');
    }
    if (!valid || bits > MAX_MODE) {
      throw new SchemaException("mode of volume must be octal digits, not " + Texts.quote(mode));
    }
    return bits;
  }

  static Volume read(JsonObject json) {
    String name = json.string("name");
    String kind = json.string("kind", "");
    String source = json.string("source", "");
    Optional<Boolean> readOnly = json.optBool("readOnly");
    Optional<Boolean> recursive = json.optBool("recursive");
    Optional<String> mode = json.optString("mode");
    Optional<Integer> uid = json.optInt32("uid");
    Optional<Integer> gid = json.optInt32("gid");
    try {
      return new Volume(
          new AcName(name), Kind.parse(kind), source, readOnly, recursive, mode, uid, gid);
    } catch (SchemaException e) {
      throw json.locate(e);
    }
  }

  void write(JsonWriter json) {
    json.beginObject().name("name").value(name.value()).name("kind").value(kind.text());
    if (!source.isEmpty()) {
      json.name("source").value(source);
    }
    if (readOnly.isPresent()) {
      json.name("readOnly").value(readOnly.get());
    }
    if (recursive.isPresent()) {
      json.name("recursive").value(recursive.get());
    }
    if (mode.isPresent()) {
      json.name("mode").value(mode.get());
    }
    if (uid.isPresent()) {
      json.name("uid").value(uid.get());
    }
    if (gid.isPresent()) {
      json.name("gid").value(gid.get());
    }
    json.endObject();
  }
}
