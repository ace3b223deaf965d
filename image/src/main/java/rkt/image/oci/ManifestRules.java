package rkt.image.oci;

import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.MediaTypes;
import rkt.schema.oci.OciConfig;
import rkt.schema.oci.OciIndex;
import rkt.schema.oci.OciManifest;
import rkt.schema.oci.Platform;
import rkt.schema.oci.PlatformMatcher;
import rkt.store.unpack.EntryNames;

/**
 * What rkt takes for an image, wherever its documents come from: the entry of an index for a
 * platform, a manifest of layers it knows, a configuration that fits both.
 *
 * <p>A document that breaks its format ends in an unchecked {@code SchemaException}; the caller
 * knows where it came from.
 *
 * @param attempted what is being done, in the words of the user
 * @param platform choose images for this one
 */
public record ManifestRules(String attempted, Platform platform) {
  /** Largest manifest or index read. */
  public static final int MANIFEST_BYTES = 4 << 20;

  /** Largest image configuration read. */
  public static final int CONFIG_BYTES = 8 << 20;

  /** Indexes within indexes; more than two levels exist only to hurt. */
  public static final int NESTED_INDEXES = 3;

  private static final int SHOWN = 1000;

  /**
   * The entry of an index that is for the platform.
   *
   * @throws EngineException UNSUPPORTED, with the platforms there are
   */
  public Descriptor choose(OciIndex index) throws EngineException {
    Optional<Descriptor> chosen = PlatformMatcher.select(index, platform);
    if (chosen.isPresent()) {
      return chosen.get();
    }
    throw EngineException.of(
        ErrorCode.UNSUPPORTED,
        attempted,
        "the image does not exist for " + platform + "; it exists for " + platforms(index));
  }

  private static String platforms(OciIndex index) {
    StringBuilder out = new StringBuilder();
    for (Descriptor manifest : index.manifests()) {
      Optional<Platform> one = manifest.platform();
      // Build tools file attestations under the platform "unknown/unknown".
      if (one.isPresent() && !one.get().os().equals("unknown") && out.length() < SHOWN) {
        out.append(out.isEmpty() ? "" : ", ").append(plain(one.get().toString()));
      }
    }
    return out.isEmpty() ? "no platform at all" : out.toString();
  }

  /** Fails when indexes are nested too deeply. */
  public void checkDepth(int depth) throws EngineException {
    if (depth >= NESTED_INDEXES) {
      throw EngineException.of(ErrorCode.INVALID, attempted, "its indexes are nested too deeply");
    }
  }

  /** A manifest of a container image, all of whose layers rkt can unpack. */
  public OciManifest manifest(byte[] bytes) throws EngineException {
    OciManifest manifest = OciManifest.parse(bytes);
    Descriptor config = manifest.config();
    if (!MediaTypes.isConfig(config.mediaType())) {
      throw EngineException.of(
          ErrorCode.UNSUPPORTED,
          attempted,
          "not a container image: its configuration has media type "
              + EntryNames.quote(config.mediaType()));
    }
    if (config.size() > CONFIG_BYTES) {
      throw EngineException.of(
          ErrorCode.INVALID,
          attempted,
          "its configuration claims " + config.size() + " bytes, more than any honest one");
    }
    for (Descriptor layer : manifest.layers()) {
      if (!MediaTypes.isLayer(layer.mediaType())) {
        throw EngineException.of(
            ErrorCode.UNSUPPORTED,
            attempted,
            "layer "
                + layer.digest()
                + " has unknown media type "
                + EntryNames.quote(layer.mediaType()));
      }
    }
    return manifest;
  }

  /** The configuration of an image of so many layers, for the platform. */
  public OciConfig config(byte[] bytes, int layers) throws EngineException {
    OciConfig config = OciConfig.parse(bytes);
    int diffIds = config.rootfs().diffIds().size();
    if (diffIds != layers) {
      throw EngineException.of(
          ErrorCode.INVALID,
          attempted,
          "the manifest has " + layers + " layers, the configuration " + diffIds);
    }
    // An image without an index says only in its configuration what it is for.
    boolean os = config.os().isEmpty() || config.os().equals(platform.os());
    boolean architecture =
        config.architecture().isEmpty() || config.architecture().equals(platform.architecture());
    if (!os || !architecture) {
      throw EngineException.of(
          ErrorCode.UNSUPPORTED,
          attempted,
          "the image does not exist for "
              + platform
              + "; it exists for "
              + plain(config.os() + "/" + config.architecture()));
    }
    return config;
  }

  /** A stranger's words, without what could fool a terminal. */
  private static String plain(String text) {
    String quoted = EntryNames.quote(text);
    return quoted.substring(1, quoted.length() - 1);
  }
}
