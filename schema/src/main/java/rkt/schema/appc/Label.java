package rkt.schema.appc;

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

  @Override
  public String toString() {
    return name + "=" + value;
  }
}
