package rkt.schema.appc;

import rkt.schema.Version;

/** Names and numbers the appc specification fixes. */
public final class Appc {
  /** Level of the specification; generated image manifests carry it as {@code acVersion}. */
  public static final String SPEC_VERSION = Version.APPC;

  public static final String IMAGE_MANIFEST_KIND = "ImageManifest";
  public static final String POD_MANIFEST_KIND = "PodManifest";

  /** {@link #SPEC_VERSION} as a value. */
  public static SemVer specVersion() {
    return new SemVer(SPEC_VERSION);
  }

  /** The {@code acVersion} of pod manifests: the version of rkt itself. */
  public static SemVer podVersion() {
    return new SemVer(Version.VERSION);
  }

  private Appc() {}
}
