package rkt.schema.oci;

import java.util.Optional;

/** Media types of OCI and Docker images. */
public final class MediaTypes {
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
  public static final String OCI_LAYER_GZIP = OCI_LAYER + "+gzip";
  public static final String OCI_LAYER_ZSTD = OCI_LAYER + "+zstd";

  /** Deprecated by OCI: layers that must not be pushed. Their content is as any other's. */
  public static final String OCI_LAYER_NONDISTRIBUTABLE =
      "application/vnd.oci.image.layer.nondistributable.v1.tar";

  public static final String DOCKER_MANIFEST_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
  public static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";
  public static final String DOCKER_LAYER_GZIP = DOCKER_LAYER + ".gzip";
  public static final String DOCKER_LAYER_ZSTD = DOCKER_LAYER + ".zstd";
  public static final String DOCKER_FOREIGN_LAYER =
      "application/vnd.docker.image.rootfs.foreign.diff.tar";

  private MediaTypes() {}

  /** How the bytes of a layer are compressed. */
  public enum Compression {
    NONE,
    GZIP,
    ZSTD
  }

  /** Whether this is a list of manifests for several platforms. */
  public static boolean isIndex(String mediaType) {
    return mediaType.equals(OCI_INDEX) || mediaType.equals(DOCKER_MANIFEST_LIST);
  }

  /** Whether this is a manifest of one image. */
  public static boolean isManifest(String mediaType) {
    return mediaType.equals(OCI_MANIFEST) || mediaType.equals(DOCKER_MANIFEST);
  }

  /** Whether this is an image configuration. */
  public static boolean isConfig(String mediaType) {
    return mediaType.equals(OCI_CONFIG) || mediaType.equals(DOCKER_CONFIG);
  }

  /** Whether this is a layer rkt can unpack. */
  public static boolean isLayer(String mediaType) {
    return compression(mediaType).isPresent();
  }

  /** The compression a layer's media type promises; empty when it is no layer rkt knows. */
  public static Optional<Compression> compression(String mediaType) {
    for (String base : new String[] {OCI_LAYER, OCI_LAYER_NONDISTRIBUTABLE}) {
      if (mediaType.startsWith(base)) {
        return bySuffix(mediaType.substring(base.length()), "+gzip", "+zstd");
      }
    }
    for (String base : new String[] {DOCKER_LAYER, DOCKER_FOREIGN_LAYER}) {
      if (mediaType.startsWith(base)) {
        return bySuffix(mediaType.substring(base.length()), ".gzip", ".zstd");
      }
    }
    return Optional.empty();
  }

  private static Optional<Compression> bySuffix(String suffix, String gzip, String zstd) {
    if (suffix.isEmpty()) {
      return Optional.of(Compression.NONE);
    } else if (suffix.equals(gzip)) {
      return Optional.of(Compression.GZIP);
    }
    return suffix.equals(zstd) ? Optional.of(Compression.ZSTD) : Optional.empty();
  }
}
