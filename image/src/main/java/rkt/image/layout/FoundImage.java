package rkt.image.layout;

import java.util.List;
import java.util.Map;
import rkt.image.OciOrigin;
import rkt.schema.oci.Digest;
import rkt.schema.oci.OciConfig;
import rkt.schema.oci.OciIndex;
import rkt.schema.oci.OciManifest;

/**
 * An image of a layout with its documents read and checked, its layers not yet.
 *
 * @param manifest as it is, or made of what a docker archive says
 * @param places where in the layout each layer's blob is
 * @param digests what a signature may name: those of the manifest and the indexes above it
 * @param index the layout's table, in which signatures are found; without entries for an archive of
 *     {@code docker save}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record FoundImage(
    byte[] manifest,
    OciManifest parsed,
    byte[] config,
    OciConfig parsedConfig,
    Map<Digest, String> places,
    OciOrigin origin,
    List<Digest> digests,
    OciIndex index) {
  FoundImage {
    places = Map.copyOf(places);
    digests = List.copyOf(digests);
  }
}
