package rkt.cli.command;

import java.util.Optional;
import rkt.image.ImageString;
import rkt.image.ImageStrings;
import rkt.image.LocalNames;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** Names that users may give to images. */
final class ImageTag {
  private ImageTag() {}

  /** What the store remembers a tag as. */
  static String parse(String text) throws EngineException {
    ImageString parsed = ImageStrings.parse(text);
    if (parsed instanceof ImageString.DockerImage docker && docker.reference().digest().isEmpty()) {
      return "docker://" + docker.reference().canonical();
    }
    if (parsed instanceof ImageString.NameImage name) {
      Optional<String> ref = LocalNames.ref(name);
      if (ref.isPresent()) {
        return ref.get();
      }
    }
    throw EngineException.of(
        ErrorCode.INVALID,
        "tag an image \"" + text + "\"",
        "\"" + text + "\" cannot be the tag of an image",
        "use docker://[HOST[:PORT]/]NAME[:TAG] or NAME[:VERSION]");
  }
}
