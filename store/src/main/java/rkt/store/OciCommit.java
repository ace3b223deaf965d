package rkt.store;

import java.util.List;
import rkt.schema.appc.ImageManifest;
import rkt.schema.trust.Verdict;

/**
 * What completes an OCI import.
 *
 * @param manifest the manifest of this platform, byte for byte
 * @param config its config, byte for byte
 * @param appc the image's appc face
 * @param refs references to remember for it
 * @param latest whether it was asked for by the tag {@code latest}
 * @param verdict why it is let in
 */
public record OciCommit(
    byte[] manifest,
    byte[] config,
    ImageManifest appc,
    List<Reference> refs,
    boolean latest,
    Verdict verdict) {
  public OciCommit {
    refs = List.copyOf(refs);
  }
}
