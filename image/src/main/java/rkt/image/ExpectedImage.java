package rkt.image;

import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Label;
import rkt.schema.appc.Labels;

/**
 * What was asked for, to be compared with what came: nobody may answer a request for one image with
 * another one, signed or not.
 *
 * @param name empty when only a place was named
 * @param labels each must be in the manifest with this value
 * @param id as a dependency may name it, whole or shortened
 */
record ExpectedImage(Optional<AcIdentifier> name, Labels labels, Optional<ImageId> id) {
  /** Whatever comes. */
  static final ExpectedImage ANY =
      new ExpectedImage(Optional.empty(), Labels.EMPTY, Optional.empty());

  void check(String origin, ImageManifest manifest, ImageId found) throws EngineException {
    if (name.isPresent() && !name.get().equals(manifest.name())) {
      throw refused(
          origin,
          "error when reading the app name: \""
              + name.get()
              + "\" expected but \""
              + manifest.name()
              + "\" found");
    }
    for (Label label : labels) {
      Optional<String> value = manifest.labels().get(label.name());
      if (value.isEmpty()) {
        throw refused(
            origin, "requested label \"" + label.name() + "\" not provided by the image manifest");
      }
      if (!value.get().equals(label.value())) {
        throw refused(
            origin,
            "requested value for label \""
                + label.name()
                + "\": \""
                + label.value()
                + "\" differs from fetched aci label value: \""
                + value.get()
                + "\"");
      }
    }
    if (id.isPresent() && !found.value().startsWith(id.get().value())) {
      throw EngineException.of(
          ErrorCode.CORRUPT,
          "import image " + origin,
          "image hash does not match expected (" + found + " != " + id.get() + ")");
    }
  }

  private static EngineException refused(String origin, String why) {
    return EngineException.of(ErrorCode.REFUSED, "import image " + origin, why);
  }
}
