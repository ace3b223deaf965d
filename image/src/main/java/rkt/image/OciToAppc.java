package rkt.image;

import rkt.schema.appc.ImageManifest;
import rkt.schema.oci.Digest;
import rkt.schema.oci.DockerReference;
import rkt.schema.oci.OciConfig;

/** The appc face of an OCI image: what docker2aci made of a Docker image, so that pods, volumes and ports work alike. */
public final class OciToAppc {
  private OciToAppc() {}

  /**
   * @param manifestDigest of the manifest for this platform
   * @param configDigest what Docker calls the image ID
   * @param history first {@code comment} of the configuration's history is not read; only the configuration counts
   */
  public static ImageManifest convert(
      DockerReference reference, OciConfig config, Digest manifestDigest, Digest configDigest) {
    throw new IllegalStateException(reference.toString() + config + manifestDigest + configDigest);
  }
}
