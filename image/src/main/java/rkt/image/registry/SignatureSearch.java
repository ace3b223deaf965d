package rkt.image.registry;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import rkt.image.Diagnostics;
import rkt.image.oci.CosignManifests;
import rkt.image.oci.Digests;
import rkt.image.oci.ManifestRules;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.MediaTypes;
import rkt.trust.CosignSignature;

/**
 * Finds cosign signatures of an image in one repository: in the manifest with the tag {@code
 * sha256-HEX.sig}, where cosign puts them, and in what the referrers API lists (or the index with
 * the tag {@code sha256-HEX}, where a registry does not have that API).
 *
 * <p>Anybody who may push can add signatures, so their number and size are bounded; one that is
 * malformed is passed over, since a good one may lie beside it.
 */
final class SignatureSearch {
  private static final String ARTIFACT_TYPE = "application/vnd.dev.cosign.artifact.sig.v1+json";

  private static final int MAX_SIGNATURES = 32;
  private static final int MAX_MANIFESTS = 16;
  private static final int MAX_SIGNATURE_CHARS = 8 << 10;

  private final RegistryCaller caller;
  private final ManifestPuller manifests;
  private final Diagnostics diagnostics;

  SignatureSearch(RegistryCaller caller, Diagnostics diagnostics) {
    this.caller = caller;
    this.manifests = new ManifestPuller(caller);
    this.diagnostics = diagnostics;
  }

  /** Everything found beside any of the digests; nothing about it is checked. */
  List<CosignSignature> search(String attempted, List<Digest> digests) throws EngineException {
    List<CosignSignature> found = new ArrayList<>();
    for (Digest digest : digests) {
      String tag = digest.algorithm() + "-" + digest.hex();
      Optional<PulledManifest> beside =
          manifests.find(attempted, CosignManifests.tagOf(digest), Optional.empty());
      if (beside.isPresent()) {
        collect(attempted, beside.get(), CosignManifests.tagOf(digest), found);
      }
      for (Digest referrer : referrers(attempted, digest, tag)) {
        Optional<PulledManifest> signature =
            manifests.find(attempted, referrer.toString(), Optional.of(referrer));
        if (signature.isPresent()) {
          collect(attempted, signature.get(), referrer.toString(), found);
        }
      }
    }
    return found;
  }

  private void collect(
      String attempted, PulledManifest pulled, String where, List<CosignSignature> found)
      throws EngineException {
    String origin =
        "docker://" + caller.place() + (where.startsWith("sha256:") ? "@" : ":") + where;
    List<CosignSignature> here;
    try {
      here =
          CosignManifests.read(
              pulled.bytes(), origin, (layer, limit) -> payload(attempted, layer, limit));
    } catch (SchemaException e) {
      diagnostics.debug("passing over signatures in " + where + ": " + e.getMessage());
      return;
    } catch (IOException e) {
      throw Failures.transport(attempted, caller.host(), e);
    }
    for (CosignSignature signature : here) {
      if (found.size() == MAX_SIGNATURES) {
        diagnostics.debug("only the first " + MAX_SIGNATURES + " signatures are looked at");
        return;
      }
      if (signature.signature().length() > MAX_SIGNATURE_CHARS) {
        diagnostics.debug("passing over a signature in " + where + ": it is too large");
        continue;
      }
      found.add(signature);
    }
  }

  private byte[] payload(String attempted, Descriptor layer, int limit)
      throws EngineException, IOException {
    byte[] bytes;
    try (Reply reply =
        caller.send(
            RegistryCall.document(
                attempted, caller.path("/blobs/" + layer.digest()), "", caller.limits()))) {
      bytes = reply.readAll(limit);
    }
    if (!Digests.of(layer.digest().algorithm(), bytes).equals(layer.digest())) {
      throw EngineException.of(
          ErrorCode.CORRUPT,
          attempted,
          "the signature's payload " + layer.digest() + " has another digest",
          "the registry or something on the way changed it");
    }
    return bytes;
  }

  /** Manifests that say of themselves that they are cosign signatures of a digest. */
  private Set<Digest> referrers(String attempted, Digest digest, String tag)
      throws EngineException {
    RegistryCall call =
        RegistryCall.document(
                attempted,
                caller.path("/referrers/" + digest),
                MediaTypes.OCI_INDEX,
                caller.limits())
            .accepting(200, 400, 404, 405);
    byte[] index;
    try (Reply reply = caller.send(call)) {
      if (reply.status() == 200 && reply.mediaType().equals(MediaTypes.OCI_INDEX)) {
        index = reply.readAll(ManifestRules.MANIFEST_BYTES);
      } else {
        Optional<PulledManifest> fallback = manifests.find(attempted, tag, Optional.empty());
        index = fallback.isPresent() ? fallback.get().bytes() : new byte[0];
      }
    } catch (IOException e) {
      throw Failures.transport(attempted, caller.host(), e);
    }
    return index.length == 0 ? Set.of() : signatures(index);
  }

  private Set<Digest> signatures(byte[] index) {
    Set<Digest> found = new LinkedHashSet<>();
    try {
      for (JsonObject one : Json.parseObject(index, "the list of referrers").objects("manifests")) {
        if (one.string("artifactType", "").equals(ARTIFACT_TYPE) && found.size() < MAX_MANIFESTS) {
          found.add(Digest.parse(one.string("digest")));
        }
      }
    } catch (SchemaException e) {
      diagnostics.debug("passing over a list of referrers: " + e.getMessage());
    }
    return found;
  }
}
