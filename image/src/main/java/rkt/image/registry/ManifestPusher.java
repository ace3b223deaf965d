package rkt.image.registry;

import java.util.Optional;
import rkt.image.oci.Digests;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Digest;

/** Pushes one manifest: {@code PUT /v2/NAME/manifests/TAG-OR-DIGEST}. Its blobs must be there. */
final class ManifestPusher {
  private final RegistryCaller caller;

  ManifestPusher(RegistryCaller caller) {
    this.caller = caller;
  }

  void push(String attempted, String tag, String mediaType, byte[] manifest)
      throws EngineException {
    RegistryCall call =
        RegistryCall.push(
                attempted, "PUT", caller.path("/manifests/" + tag), caller.limits(), 200, 201, 202)
            .content(mediaType, Transport.Content.of(manifest));
    try (Reply reply = caller.send(call)) {
      Digest digest = Digests.of(Digest.SHA256, manifest);
      Optional<String> stored = reply.header("docker-content-digest");
      if (stored.isPresent() && !stored.get().equals(digest.toString())) {
        throw EngineException.of(
            ErrorCode.CORRUPT,
            attempted,
            "the registry stored the manifest as "
                + Failures.plain(stored.get())
                + " instead of "
                + digest,
            "it or something on the way changed it");
      }
    }
  }
}
