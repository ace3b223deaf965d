package rkt.trust;

/**
 * What is judged: an image under the name that keys and rules are given for.
 *
 * @param format the kind of image, which decides what kinds of signature it can have
 * @param name ACI: its appc name; OCI: {@code host[:port]/repository} without tag or digest; an
 *     image from a local layout or archive: {@code oci:}, {@code oci-archive:} or {@code
 *     docker-archive:} and the absolute path
 */
public record Subject(Format format, String name) {
  /** The two first-class image formats. */
  public enum Format {
    ACI,
    OCI
  }

  /** Whether another spelling of a name means this subject. */
  public boolean isNamed(String other) {
    return Names.canonical(name).equals(Names.canonical(other));
  }

  public static Subject aci(String name) {
    return new Subject(Format.ACI, name);
  }

  public static Subject oci(String name) {
    return new Subject(Format.OCI, name);
  }
}
