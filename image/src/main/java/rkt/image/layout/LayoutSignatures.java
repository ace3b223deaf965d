package rkt.image.layout;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.image.Diagnostics;
import rkt.image.oci.CosignManifests;
import rkt.image.oci.ManifestRules;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.trust.CosignSignature;

/**
 * The cosign signatures in a layout: manifests under the tag {@code sha256-HEX.sig} (as a registry
 * that was copied has them), those that {@code cosign save} marks, and referrers, which name the
 * image as their {@code subject}.
 */
final class LayoutSignatures {
  private static final String KIND = "kind";
  private static final String COSIGN_KIND = "dev.cosignproject.cosign/";

  /** How many manifests are read in search of referrers. */
  private static final int MAX_READ = 64;

  private LayoutSignatures() {}

  /** Whether an entry of the index belongs to an image and is none itself. */
  static boolean isAttached(Descriptor entry) {
    String kind = entry.annotations().getOrDefault(KIND, "");
    if (kind.equals(COSIGN_KIND + "sigs") || kind.equals(COSIGN_KIND + "atts")) {
      return true;
    }
    String tag = tag(entry);
    return tag.startsWith("sha256-")
        && (tag.endsWith(".sig") || tag.endsWith(".att") || tag.endsWith(".sbom"));
  }

  /** The reference name, or the tag at its end. */
  private static String tag(Descriptor entry) {
    String name = entry.annotations().getOrDefault(OciLayout.REF_NAME, "");
    return name.substring(name.lastIndexOf(':') + 1);
  }

  /** What may be a signature of the image; what cannot be read is not one, and said. */
  static List<CosignSignature> of(FoundImage image, OciLayout layout, Diagnostics diagnostics)
      throws EngineException {
    List<CosignSignature> found = new ArrayList<>();
    int read = 0;
    for (Descriptor entry : image.index().manifests()) {
      if (image.digests().contains(entry.digest())
          || entry.size() > ManifestRules.MANIFEST_BYTES
          || read == MAX_READ) {
        continue;
      }
      read++;
      try {
        byte[] manifest = layout.document(entry, ManifestRules.MANIFEST_BYTES);
        if (signs(image.digests(), entry, manifest)) {
          String origin = "manifest " + entry.digest() + " of the layout";
          found.addAll(CosignManifests.read(manifest, origin, layout::document));
        }
      } catch (EngineException | IOException | SchemaException e) {
        diagnostics.debug("no signature in " + entry.digest() + ": " + e.getMessage());
      }
    }
    return found;
  }

  private static boolean signs(List<Digest> digests, Descriptor entry, byte[] manifest) {
    for (Digest digest : digests) {
      if (tag(entry).equals(CosignManifests.tagOf(digest))) {
        return true;
      }
    }
    if (entry.annotations().getOrDefault(KIND, "").equals(COSIGN_KIND + "sigs")) {
      return true;
    }
    Optional<JsonObject> subject =
        Json.parseObject(manifest, "signature manifest").optObject("subject");
    return subject.isPresent() && digests.contains(Digest.parse(subject.get().string("digest")));
  }
}
