package rkt.image;

import java.util.Optional;
import rkt.image.ImageString.NameImage;
import rkt.schema.EngineException;
import rkt.schema.appc.Label;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;

/**
 * Names that the administrator of this machine gave to stored images. They go before the names that
 * images give themselves: the latter are for anybody to choose.
 */
public final class LocalNames {
  private static final String SCHEME = "name:";

  private LocalNames() {}

  /**
   * How the store remembers such a name; empty when it has labels other than a version, which no
   * local name has.
   */
  public static Optional<String> ref(NameImage name) {
    String version = "";
    for (Label label : name.labels()) {
      if (!label.name().equals("version")) {
        return Optional.empty();
      }
      version = ":" + label.value();
    }
    return Optional.of(SCHEME + name.name() + version);
  }

  /** A stored reference as users write it. */
  public static String shown(String ref) {
    return ref.startsWith(SCHEME) ? ref.substring(SCHEME.length()) : ref;
  }

  /** The image that was given this name. */
  public static Optional<ImageRecord> find(ImageStore store, NameImage name)
      throws EngineException {
    Optional<String> ref = ref(name);
    return ref.isEmpty() ? Optional.empty() : store.byRef(ref.get());
  }
}
