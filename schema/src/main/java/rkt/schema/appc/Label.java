package rkt.schema.appc;

import org.jspecify.annotations.Nullable;
import rkt.schema.SchemaException;

/** A label: part of an image's identity besides its name. The name {@code name} is forbidden. */
public record Label(String name, String value) {
  public static final String VERSION = "version";
  public static final String OS = "os";
  public static final String ARCH = "arch";

  public Label {
    name = new AcIdentifier(name).value();
    if (name.equals("name")) {
      throw new SchemaException("invalid label name: \"name\"");
    }
  }

  // By hand: the methods of a record link through invokedynamic, which start-up pays for.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Label that && name.equals(that.name) && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + value.hashCode();
  }

  @Override
  public String toString() {
    return name + "=" + value;
  }
}
