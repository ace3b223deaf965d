package rkt.image.registry;

import java.io.IOException;
import java.util.Optional;
import rkt.image.oci.Digests;
import rkt.image.oci.ManifestRules;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.DockerReference;
import rkt.schema.oci.MediaTypes;

/** Pulls one manifest or index: {@code GET /v2/NAME/manifests/TAG-OR-DIGEST}. */
final class ManifestPuller {
  private static final String ACCEPT =
      String.join(
          ",",
          MediaTypes.OCI_INDEX,
          MediaTypes.OCI_MANIFEST,
          MediaTypes.DOCKER_MANIFEST_LIST,
          MediaTypes.DOCKER_MANIFEST);
  private static final String SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+";

  private final RegistryCaller caller;

  ManifestPuller(RegistryCaller caller) {
    this.caller = caller;
  }

  /** What the reference points to now. */
  PulledManifest pull(String attempted, DockerReference reference) throws EngineException {
    Optional<Digest> digest = reference.digest();
    String wanted = digest.isPresent() ? digest.get().toString() : reference.tag().orElse("latest");
    return pull(attempted, wanted, digest, Optional.empty());
  }

  /** A manifest an index names. */
  PulledManifest pull(String attempted, Descriptor descriptor) throws EngineException {
    return pull(
        attempted,
        descriptor.digest().toString(),
        Optional.of(descriptor.digest()),
        Optional.of(descriptor));
  }

  /**
   * Something a registry may have or not.
   *
   * @param wanted a tag or a digest
   */
  Optional<PulledManifest> find(String attempted, String wanted, Optional<Digest> digest)
      throws EngineException {
    try {
      return Optional.of(pull(attempted, wanted, digest, Optional.empty()));
    } catch (EngineException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private PulledManifest pull(
      String attempted, String wanted, Optional<Digest> digest, Optional<Descriptor> descriptor)
      throws EngineException {
    byte[] bytes;
    String mediaType;
    Optional<String> declared;
    String from;
    try (Reply reply =
        caller.send(
            RegistryCall.document(
                attempted, caller.path("/manifests/" + wanted), ACCEPT, caller.limits()))) {
      mediaType = reply.mediaType();
      declared = reply.header("docker-content-digest");
      from = UrlRules.shown(reply.uri());
      bytes = reply.readAll(ManifestRules.MANIFEST_BYTES);
    } catch (IOException e) {
      throw Failures.transport(attempted, caller.host(), e);
    }
    if (descriptor.isPresent() && descriptor.get().size() != bytes.length) {
      throw corrupt(
          attempted,
          from,
          "the manifest has " + bytes.length + " bytes, its index says " + descriptor.get().size());
    }
    Digest actual = checked(attempted, from, bytes, digest, declared);
    return new PulledManifest(kind(attempted, from, mediaType, bytes), actual, bytes);
  }

  /**
   * The digest asked for binds; without one, what the registry declares must at least agree with
   * what it sent.
   */
  private static Digest checked(
      String attempted,
      String from,
      byte[] bytes,
      Optional<Digest> wanted,
      Optional<String> declared)
      throws EngineException {
    if (wanted.isPresent()) {
      Digest actual = Digests.of(wanted.get().algorithm(), bytes);
      if (!actual.equals(wanted.get())) {
        throw corrupt(
            attempted, from, "the manifest's digest is " + actual + ", expected " + wanted.get());
      }
      return actual;
    }
    if (declared.isPresent()) {
      Digest promised;
      try {
        promised = Digest.parse(declared.get());
      } catch (SchemaException e) {
        throw corrupt(
            attempted, from, "the registry declares a malformed digest: " + e.getMessage());
      }
      Digest actual = Digests.of(promised.algorithm(), bytes);
      if (!actual.equals(promised)) {
        throw corrupt(
            attempted,
            from,
            "the manifest's digest is " + actual + ", the registry declares " + promised);
      }
    }
    return Digests.of("sha256", bytes);
  }

  private static EngineException corrupt(String attempted, String from, String why) {
    return EngineException.of(
        ErrorCode.CORRUPT,
        attempted,
        why + " (" + from + ")",
        "the registry or something on the way changed it");
  }

  /**
   * The media type. Servers and documents both name one; the parser insists that the document's own
   * agrees with its content, so the header only counts where the document is silent.
   */
  private static String kind(String attempted, String from, String header, byte[] bytes)
      throws EngineException {
    if (header.startsWith(SCHEMA_1)) {
      throw schema1(attempted);
    }
    JsonObject document;
    try {
      document = Json.parseObject(bytes, "the manifest");
    } catch (SchemaException e) {
      String what = header.isEmpty() ? "" : " (media type " + Failures.plain(header) + ")";
      throw new EngineException(
          ErrorCode.INVALID,
          attempted,
          from + " gives no image manifest" + what + ": " + e.getMessage(),
          "is a registry running there?",
          e);
    }
    try {
      String own = document.optString("mediaType").orElse("");
      long schemaVersion = document.integer("schemaVersion", 2);
      if (schemaVersion == 1) {
        throw schema1(attempted);
      }
      String type = own.isEmpty() ? header : own;
      if (MediaTypes.isIndex(type) || MediaTypes.isManifest(type)) {
        return type;
      }
      if (own.isEmpty() && document.has("manifests") && !document.has("layers")) {
        return MediaTypes.OCI_INDEX;
      }
      if (own.isEmpty()
          && document.has("layers")
          && document.has("config")
          && !document.has("manifests")) {
        return MediaTypes.OCI_MANIFEST;
      }
      throw EngineException.of(
          ErrorCode.UNSUPPORTED,
          attempted,
          from
              + " has media type \""
              + Failures.plain(type)
              + "\", which is not an image manifest or index");
    } catch (SchemaException e) {
      throw EngineException.of(attempted, e);
    }
  }

  private static EngineException schema1(String attempted) {
    return EngineException.of(
        ErrorCode.UNSUPPORTED,
        attempted,
        "the image has a Docker schema 1 manifest, which cannot be verified and was withdrawn in 2019",
        "push the image again with a current tool, or convert it with: skopeo copy --format=oci");
  }
}
