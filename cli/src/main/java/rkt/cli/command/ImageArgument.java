package rkt.cli.command;

import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.image.ImageString;
import rkt.image.ImageStrings;
import rkt.image.LocalNames;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.Label;
import rkt.schema.appc.Labels;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;

/** An image already in the store, named by its ID (whole or shortened), name or reference. */
final class ImageArgument {
  private ImageArgument() {}

  static ImageRecord find(ImageStore store, String text) throws EngineException {
    if (text.startsWith("sha512-") || text.startsWith("sha256-")) {
      return byId(store, text);
    }
    // As listings print it, whatever kind of reference it is.
    Optional<ImageRecord> printed = store.byRef(text);
    if (printed.isPresent()) {
      return printed.get();
    }
    ImageString image = ImageStrings.parse(text);
    if (image instanceof ImageString.NameImage name) {
      Optional<ImageRecord> local = LocalNames.find(store, name);
      if (local.isPresent()) {
        return local.get();
      }
      return store
          .byName(name.name(), name.labels())
          .orElseThrow(() ->
              missing(
                  "cannot find aci satisfying name: \""
                      + name.name()
                      + "\" and labels: ["
                      + labels(name.labels())
                      + "] in the local store"));
    } else if (image instanceof ImageString.DockerImage docker) {
      return store
          .byRef("docker://" + docker.reference().canonical())
          .orElseThrow(() -> missing("no image of \"" + text + "\" in the local store"));
    } else if (image instanceof ImageString.LayoutImage layout) {
      return store
          .byRef(new ImageString.LayoutImage(layout.kind(), layout.path(), layout.ref()).text())
          .orElseThrow(() -> missing("no image of \"" + text + "\" in the local store"));
    }
    throw missing("\"" + text + "\" is neither an image ID nor an image name");
  }

  /** As the ancestor printed them: {@code {name value} {name value}}. */
  private static String labels(Labels labels) {
    StringBuilder text = new StringBuilder();
    for (Label label : labels) {
      text.append(text.isEmpty() ? "{" : " {");
      text.append(label.name()).append(' ').append(label.value()).append('}');
    }
    return text.toString();
  }

  private static ImageRecord byId(ImageStore store, String text) throws EngineException {
    EngineException gone =
        EngineException.of(ErrorCode.NOT_FOUND, "cannot resolve image ID", "no image IDs found");
    try {
      return store.get(store.resolve(text)).orElseThrow(() -> gone);
    } catch (EngineException e) {
      throw new EngineException(
          e.code(), "cannot resolve image ID", e.why(), e.remedy(), e.getCause());
    }
  }

  private static EngineException missing(String why) {
    return EngineException.of(ErrorCode.NOT_FOUND, "cannot find image", why);
  }

  /** The one argument of a command. */
  static String only(Invocation invocation) throws CommandFailure {
    if (invocation.args().size() != 1) {
      throw CommandFailure.usage("expected exactly one image");
    }
    return invocation.args().get(0);
  }
}
