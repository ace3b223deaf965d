package rkt.image;

import java.util.Optional;
import rkt.image.ImageString.NameImage;
import rkt.image.registry.RegistryImages;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.oci.DockerReference;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.StoredReference;

/**
 * Fetches again what is missing of a stored image, from where the store remembers that it came
 * from. What is there is not downloaded again; what comes is verified and judged as in any fetch.
 */
public final class ImageRepair {
  private static final String DOCKER = "docker://";
  private static final String PLATFORM = "?platform=";

  private final ImageStore store;
  private final FetchOptions options;

  /**
   * @param options with a pull policy that asks the remote
   */
  public ImageRepair(ImageStore store, FetchOptions options) {
    this.store = store;
    this.options = options;
  }

  /**
   * Tries one reference of the image after the other.
   *
   * @throws EngineException what came of all of them; NOT_FOUND when the store knows none
   */
  public void refetch(ImageRecord image) throws EngineException {
    TriedPlaces tried = new TriedPlaces();
    for (StoredReference reference : store.references(image.id())) {
      try {
        if (refetch(image, reference)) {
          return;
        }
      } catch (EngineException e) {
        tried.failed(reference.reference().ref(), e);
      }
    }
    if (tried.any()) {
      throw tried.failure();
    }
    throw EngineException.of(
        ErrorCode.NOT_FOUND,
        "fetch the damaged parts of image " + image.id(),
        "the store does not know where the image came from",
        "fetch or import it again");
  }

  /** False for a name that only this machine knows. */
  private boolean refetch(ImageRecord image, StoredReference stored) throws EngineException {
    String ref = stored.reference().ref();
    options.diagnostics().debug("fetching damaged parts of " + image.id() + " from " + ref);
    if (ref.startsWith(DOCKER) && image.manifestDigest().isPresent()) {
      docker(image, ref);
      return true;
    }
    if (UrlReferences.isReduced(ref)) {
      throw EngineException.of(
          ErrorCode.UNSUPPORTED,
          "fetch the damaged parts of image " + image.id(),
          "the query of the URL it came from was not kept: " + ref,
          "rkt image rm " + image.id() + " and fetch it again");
    }
    ImageString parsed = ImageStrings.parse(ref);
    if (parsed instanceof NameImage) {
      return false;
    }
    // Without it, an HTTP cache would find that there is nothing to do.
    store.untag(ref);
    try {
      ImageRecord now = new ImageFinder(store, options).find(parsed);
      if (!now.id().equals(image.id())) {
        throw EngineException.of(
            ErrorCode.NOT_FOUND,
            "fetch the damaged parts of image " + image.id(),
            ref + " is another image by now: " + now.id());
      }
    } catch (EngineException e) {
      if (store.reference(ref).isEmpty()) {
        store.tag(stored.reference(), image.id());
      }
      throw e;
    }
    return true;
  }

  private void docker(ImageRecord image, String ref) throws EngineException {
    int query = ref.indexOf(PLATFORM);
    FetchOptions own =
        query < 0
            ? options
            : options.withPlatform(
                Optional.of(Platforms.parse(ref.substring(query + PLATFORM.length()))));
    try {
      DockerReference reference = DockerReference.parse(query < 0 ? ref : ref.substring(0, query));
      new RegistryImages(store, own)
          .pullAgain(reference, ref, image.manifestDigest().orElseThrow());
    } catch (SchemaException e) {
      throw EngineException.of("read the reference " + ref, e);
    }
  }
}
