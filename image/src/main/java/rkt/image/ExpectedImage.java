package rkt.image;

import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Label;
import rkt.schema.appc.Labels;
import rkt.schema.appc.OsArch;
import rkt.schema.oci.Platform;

/**
 * What was asked for, to be compared with what came: nobody may answer a request for one image with
 * another one, signed or not.
 *
 * @param name empty when only a place was named
 * @param labels each must be in the manifest with this value
 * @param id as a dependency may name it, whole or shortened
 * @param platform what the labels {@code os} and {@code arch} must not contradict, if they are
 *     there
 */
record ExpectedImage(
    Optional<AcIdentifier> name, Labels labels, Optional<ImageId> id, Optional<Platform> platform) {
  /** Whatever comes. */
  static final ExpectedImage ANY =
      new ExpectedImage(Optional.empty(), Labels.EMPTY, Optional.empty());

  ExpectedImage(Optional<AcIdentifier> name, Labels labels, Optional<ImageId> id) {
    this(name, labels, id, Optional.empty());
  }

  /** Whatever comes, if it is for that platform. */
  static ExpectedImage on(Optional<Platform> platform) {
    return new ExpectedImage(Optional.empty(), Labels.EMPTY, Optional.empty(), platform);
  }

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
    if (platform.isPresent() && !mayBeFor(platform.get(), manifest.labels())) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          "import image " + origin,
          "it is for "
              + manifest.labels().get(Label.OS).orElse("linux")
              + "/"
              + manifest.labels().get(Label.ARCH).orElse("any")
              + " and not for "
              + platform.get(),
          "without --platform it is taken as it is");
    }
    if (id.isPresent() && !found.value().startsWith(id.get().value())) {
      throw EngineException.of(
          ErrorCode.CORRUPT,
          "import image " + origin,
          "image hash does not match expected (" + found + " != " + id.get() + ")");
    }
  }

  /** Whether the labels {@code os} and {@code arch} contradict a platform; absent ones do not. */
  static boolean mayBeFor(Platform platform, Labels labels) {
    Optional<String> os = labels.get(Label.OS);
    Optional<String> arch = labels.get(Label.ARCH);
    if (os.isPresent() && !os.get().equals(platform.os())) {
      return false;
    }
    String go = platform.architecture();
    String variant = platform.variant().orElse("");
    if (arch.isEmpty() || (go.equals("arm") && variant.isEmpty() && arch.get().startsWith("arm"))) {
      return true;
    }
    return arch.get().equals(OsArch.fromGo(go, variant).orElse(go));
  }

  private static EngineException refused(String origin, String why) {
    return EngineException.of(ErrorCode.REFUSED, "import image " + origin, why);
  }
}
