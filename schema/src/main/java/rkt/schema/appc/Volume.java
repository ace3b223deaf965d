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
 * <p>Kind {@code tmpfs}, {@code size} and {@code propagation} are extensions of the appc format.
 *
 * @param source path on the host, absolute; empty for an empty volume
 * @param readOnly decides for every mount when given; otherwise the mount point does
 * @param recursive whether mounts below {@code source} come along; the flavor decides when absent
 * @param mode permissions of an empty or tmpfs volume as octal digits; always present there
 * @param uid owner of an empty or tmpfs volume; always present there
 * @param gid group of an empty or tmpfs volume; always present there
 * @param size how much a tmpfs volume holds; the kernel's default, half of the memory, when absent
 * @param propagation of a host volume: {@code rprivate}, the default, or {@code rslave}
 */
public record Volume(
    AcName name,
    Kind kind,
    String source,
    Optional<Boolean> readOnly,
    Optional<Boolean> recursive,
    Optional<String> mode,
    Optional<Integer> uid,
    Optional<Integer> gid,
    Optional<Quantity> size,
    Optional<String> propagation) {
  private static final String DEFAULT_MODE = "0755";
  private static final int MAX_MODE = 07777;

  /** A page: the kernel rounds up to whole ones and takes 0 for "no limit". */
  private static final long MIN_SIZE = 4096;

  private static final String SLAVE = "rslave";

  /** Where the content comes from. */
  public enum Kind {
    HOST("host"),
    EMPTY("empty"),
    TMPFS("tmpfs");

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
      } else if (text.equals("tmpfs")) {
        return TMPFS;
      }
      throw new SchemaException(
          "unrecognized volume kind: should be one of \"empty\", \"host\", \"tmpfs\"");
    }
  }

  public Volume {
    if (kind == Kind.HOST) {
      if (source.isEmpty()) {
        throw new SchemaException("source for host volume cannot be empty");
      }
      Rules.absolutePath("source for host volume", source);
      if (mode.isPresent() || uid.isPresent() || gid.isPresent()) {
        throw new SchemaException("mode, uid and gid cannot be set for a host volume");
      }
      checkPropagation(propagation);
    } else {
      if (!source.isEmpty()) {
        throw new SchemaException("source for " + kind.text() + " volume must be empty");
      }
      if (propagation.isPresent()) {
        throw new SchemaException("propagation can only be set for a host volume");
      }
      mode = mode.isPresent() ? mode : Optional.of(DEFAULT_MODE);
      uid = uid.isPresent() ? uid : Optional.of(0);
      gid = gid.isPresent() ? gid : Optional.of(0);
      parseMode(mode.get());
      if (uid.get() < 0 || gid.get() < 0) {
        throw new SchemaException(
            "uid and gid of an " + kind.text() + " volume must not be negative");
      }
    }
    if (size.isPresent()) {
      checkSize(kind, size.get());
    }
  }

  private static void checkSize(Kind kind, Quantity size) {
    if (kind != Kind.TMPFS) {
      throw new SchemaException("size can only be set for a tmpfs volume");
    }
    if (size.ceilValue() < MIN_SIZE) {
      throw new SchemaException(
          "size of tmpfs volume must be at least "
              + MIN_SIZE
              + " bytes, not "
              + Texts.quote(size.text())
              + " (64Mi is 64 MiB, 64M is 64 million bytes)");
    }
  }

  private static void checkPropagation(Optional<String> propagation) {
    if (propagation.isPresent()
        && !propagation.get().equals("rprivate")
        && !propagation.get().equals(SLAVE)) {
      throw new SchemaException(
          "propagation must be \"rprivate\" or \"rslave\", not "
              + Texts.quote(propagation.get())
              + ": mounts made in a pod never reach the host");
    }
  }

  /** A volume without extensions. */
  public Volume(
      AcName name,
      Kind kind,
      String source,
      Optional<Boolean> readOnly,
      Optional<Boolean> recursive,
      Optional<String> mode,
      Optional<Integer> uid,
      Optional<Integer> gid) {
    this(
        name,
        kind,
        source,
        readOnly,
        recursive,
        mode,
        uid,
        gid,
        Optional.empty(),
        Optional.empty());
  }

  /** Whether mounts that the host makes below the source later show up in the pod. */
  public boolean followsHost() {
    return propagation.isPresent() && propagation.get().equals(SLAVE);
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

  /**
   * Reads {@code NAME,kind=..,source=..,readOnly=..,recursive=..,mode=..,uid=..,gid=..}, and the
   * extensions {@code size=..,propagation=..}.
   */
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
    Optional<Quantity> size = Optional.empty();
    Optional<String> propagation = Optional.empty();
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
        case "size" -> size = Optional.of(new Quantity(value));
        case "propagation" -> propagation = Optional.of(value);
        default -> throw new SchemaException("unknown volume parameter " + Texts.quote(key));
      }
    }
    return new Volume(
        new AcName(name),
        Kind.parse(kind),
        source,
        readOnly,
        recursive,
        mode,
        uid,
        gid,
        size,
        propagation);
  }

  /** The permission bits of an empty or tmpfs volume; 0 for a host volume. */
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
    Optional<String> size = json.optString("size");
    Optional<String> propagation = json.optString("propagation");
    try {
      return new Volume(
          new AcName(name),
          Kind.parse(kind),
          source,
          readOnly,
          recursive,
          mode,
          uid,
          gid,
          size.isPresent() ? Optional.of(new Quantity(size.get())) : Optional.empty(),
          propagation);
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
    if (size.isPresent()) {
      json.name("size").value(size.get().text());
    }
    if (propagation.isPresent()) {
      json.name("propagation").value(propagation.get());
    }
    json.endObject();
  }
}
