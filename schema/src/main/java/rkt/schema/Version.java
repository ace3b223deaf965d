package rkt.schema;

/** The version of this rkt and of the specification it implements. */
public final class Version {
  /** Version of rkt itself; also what pod manifests carry as {@code acVersion}. */
  public static final String VERSION = "2.0.0";

  /** Level of the appc specification; what generated image manifests carry as {@code acVersion}. */
  public static final String APPC = "0.8.11";

  private Version() {}
}
