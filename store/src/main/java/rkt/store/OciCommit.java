package rkt.store;

import java.util.List;
import rkt.schema.appc.ImageManifest;

/**
 * What completes an OCI import.
 *
 * @param manifest the manifest of this platform, byte for byte
 * @param config its config, byte for byte
 * @param appc the image's appc face
 * @param refs references to remember for it
 * @param latest whether it was asked for by the tag {@code latest}
 */
public record OciCommit(
    byte[] manifest, byte[] config, ImageManifest appc, List<Reference> refs, boolean latest) {
  public OciCommit {
    refs = List.copyOf(refs);
  }
}
