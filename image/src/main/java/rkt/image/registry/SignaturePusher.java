package rkt.image.registry;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.image.Diagnostics;
import rkt.image.oci.CosignManifests;
import rkt.image.oci.Digests;
import rkt.schema.EngineException;
import rkt.schema.json.JsonWriter;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.MediaTypes;
import rkt.trust.CosignSignature;
import rkt.trust.Evidence;

/**
 * Pushes the cosign signatures that were kept with an image, as cosign does: one manifest with the
 * tag {@code sha256-HEX.sig}. Only those that name the very digest that was pushed.
 */
final class SignaturePusher {
  private final RegistryCaller caller;
  private final BlobPusher blobs;

  SignaturePusher(RegistryCaller caller, Diagnostics diagnostics) {
    this.caller = caller;
    this.blobs = new BlobPusher(caller, diagnostics, Optional.empty());
  }

  /**
   * @return how many
   */
  int push(String attempted, Digest image, byte[] evidence) throws EngineException {
    List<CosignSignature> signatures = new ArrayList<>();
    for (CosignSignature one : Evidence.parse(evidence).cosign()) {
      if (CosignManifests.names(one.payload(), image)) {
        signatures.add(one);
      }
    }
    if (signatures.isEmpty()) {
      return 0;
    }
    byte[] config =
        "{\"architecture\":\"\",\"os\":\"\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"
            .getBytes(StandardCharsets.UTF_8);
    Descriptor configured = blob(attempted, MediaTypes.OCI_CONFIG, config);
    JsonWriter json = JsonWriter.compact();
    json.beginObject().name("schemaVersion").value(2);
    json.name("mediaType").value(MediaTypes.OCI_MANIFEST).name("config");
    write(json, configured, Map.of());
    json.name("layers").beginArray();
    for (CosignSignature one : signatures) {
      Descriptor layer = blob(attempted, CosignManifests.PAYLOAD_TYPE, one.payload());
      write(json, layer, Map.of(CosignManifests.SIGNATURE, one.signature()));
    }
    json.endArray().endObject();
    new ManifestPusher(caller)
        .push(
            attempted,
            CosignManifests.tagOf(image),
            MediaTypes.OCI_MANIFEST,
            json.toString().getBytes(StandardCharsets.UTF_8));
    return signatures.size();
  }

  private Descriptor blob(String attempted, String mediaType, byte[] bytes) throws EngineException {
    Descriptor descriptor =
        new Descriptor(mediaType, Digests.of(Digest.SHA256, bytes), bytes.length);
    blobs.push(attempted, descriptor, Transport.Content.of(bytes), count -> {});
    return descriptor;
  }

  private static void write(
      JsonWriter json, Descriptor descriptor, Map<String, String> annotations) {
    json.beginObject().name("mediaType").value(descriptor.mediaType());
    json.name("digest").value(descriptor.digest().toString());
    json.name("size").value(descriptor.size());
    if (!annotations.isEmpty()) {
      json.name("annotations").stringMap(annotations);
    }
    json.endObject();
  }
}
