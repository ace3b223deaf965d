package rkt.image.registry;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import rkt.image.Diagnostics;
import rkt.image.ParallelWork;
import rkt.image.Transfer;
import rkt.schema.EngineException;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.store.OciImport;
import rkt.store.PartialBlob;

/**
 * The layers of one image, each downloaded, verified and unpacked in one pass, several at a time.
 *
 * <p>Platform threads: unpacking is one system call after the other, and a native call holds the
 * carrier of a virtual thread. When one layer fails the others are interrupted; nothing is left
 * running when {@link #run} returns.
 */
final class LayerDownloads {
  /** Digits of a digest that are shown. */
  private static final int SHOWN = 12;

  private final OciImport oci;
  private final BlobPuller blobs;
  private final int parallel;
  private final Diagnostics diagnostics;

  LayerDownloads(OciImport oci, BlobPuller blobs, int parallel, Diagnostics diagnostics) {
    this.oci = oci;
    this.blobs = blobs;
    this.parallel = parallel;
    this.diagnostics = diagnostics;
  }

  private record Layer(Descriptor descriptor, Digest diffId) {}

  /**
   * @param diffIds one per layer, in the same order
   */
  void run(String attempted, List<Descriptor> descriptors, List<Digest> diffIds)
      throws EngineException {
    List<Layer> missing = missing(descriptors, diffIds);
    List<ParallelWork.Piece> pieces = new ArrayList<>();
    for (Layer layer : missing) {
      pieces.add(() -> download(attempted, layer));
    }
    new ParallelWork(attempted, parallel).run(pieces);
  }

  /**
   * Largest first, so that the last thread does not end with the longest download. A layer that
   * occurs twice counts once.
   */
  private List<Layer> missing(List<Descriptor> descriptors, List<Digest> diffIds)
      throws EngineException {
    List<Layer> missing = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < descriptors.size(); i++) {
      Layer layer = new Layer(descriptors.get(i), diffIds.get(i));
      boolean fresh = seen.add(layer.descriptor().digest() + " " + layer.diffId());
      if (fresh && oci.hasLayer(layer.descriptor(), layer.diffId())) {
        shown(layer.descriptor(), "exists");
      } else if (fresh) {
        missing.add(layer);
      }
    }
    missing.sort(Comparator.comparingLong((Layer layer) -> layer.descriptor().size()).reversed());
    return missing;
  }

  /** A layer that needs no transfer is shown all the same: people count layers. */
  private void shown(Descriptor layer, String outcome) {
    try (Transfer transfer = transfer(layer)) {
      transfer.advance(layer.size());
      transfer.done(outcome);
    }
  }

  private Transfer transfer(Descriptor layer) {
    String name = layer.digest().algorithm() + ":" + layer.digest().hex().substring(0, SHOWN);
    return diagnostics.transfer("layer " + name, layer.size());
  }

  private void download(String attempted, Layer layer) throws EngineException {
    Descriptor descriptor = layer.descriptor();
    if (oci.hasBlob(descriptor)) {
      oci.unpackStored(descriptor, layer.diffId());
      shown(descriptor, "exists");
      return;
    }
    try (Transfer transfer = transfer(descriptor);
        PartialBlob partial = oci.partialBlob(descriptor, this::waiting)) {
      long kept = partial.have();
      transfer.advance(kept);
      diagnostics.debug(
          "fetching layer "
              + descriptor.digest()
              + " ("
              + descriptor.size()
              + " bytes, "
              + kept
              + " of them are here)");
      BlobPuller.store(
          blobs,
          attempted,
          descriptor,
          transfer::advance,
          source -> partial.unpack(layer.diffId(), source));
      transfer.done(partial.have() == kept ? "exists" : kept > 0 ? "resumed" : "done");
    }
  }

  private void waiting() {
    diagnostics.debug("another rkt instance is downloading a layer of this image, waiting...");
  }
}
