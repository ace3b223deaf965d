package rkt.cli.command;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import rkt.cli.CommandFailure;
import rkt.cli.ExitCodes;
import rkt.cli.grammar.FlagSet;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.schema.json.JsonWriter;
import rkt.schema.oci.Digest;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.ImageUsage;

/** {@code rkt image inspect}: all that is known of images. */
final class ImageInspectCommand extends Command {
  ImageInspectCommand() {
    super("image inspect", "IMAGE...");
  }

  @Override
  public String description() {
    return """
    Shows names, layers and who shares them, sizes, where the image came from, why it was let in, and
    what it runs. IMAGE is an image ID, whole or shortened, a name or a reference. With --format=json
    the output is an array with one object per image.\
    """;
  }

  @Override
  public void flags(FlagSet flags) {
    flags.add(Format.flag());
  }

  @Override
  public String completion() {
    return "__rkt_images";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    if (invocation.args().isEmpty()) {
      throw CommandFailure.usage("must provide at least one image");
    }
    Format format = Format.of(invocation.flags());
    ImageStore store = invocation.engine().images();
    List<ImageRecord> images = new ArrayList<>();
    int code = ExitCodes.OK;
    for (String argument : invocation.args()) {
      try {
        images.add(ImageArgument.find(store, argument));
      } catch (EngineException e) {
        invocation.console().problem("", e);
        code = ExitCodes.FAILURE;
      }
    }
    if (!images.isEmpty()) {
      show(invocation, format, details(store, images));
    }
    return code;
  }

  private static List<ImageDetails> details(ImageStore store, List<ImageRecord> images)
      throws EngineException {
    Map<ImageId, ImageUsage> usages = new HashMap<>();
    Map<Digest, Integer> owners = new HashMap<>();
    for (ImageUsage usage : store.usage(damaged -> {}).images()) {
      usages.put(usage.image().id(), usage);
      // A layer that an image has twice is still one layer of one image.
      usage.image().diffIds().stream()
          .distinct()
          .forEach(diffId -> owners.merge(diffId, 1, Integer::sum));
    }
    List<ImageDetails> details = new ArrayList<>();
    for (ImageRecord image : images) {
      ImageUsage usage =
          usages.getOrDefault(image.id(), new ImageUsage(image, image.size(), 0, image.size(), 0));
      details.add(ImageDetails.of(store, usage, owners));
    }
    return details;
  }

  private static void show(Invocation invocation, Format format, List<ImageDetails> all) {
    if (format == Format.TABLE) {
      for (int i = 0; i < all.size(); i++) {
        invocation.console().write((i == 0 ? "" : "\n") + ImageDetailsText.of(all.get(i)));
      }
      return;
    }
    JsonWriter json = format.writer();
    json.beginArray();
    for (ImageDetails each : all) {
      ImageDetailsJson.write(json, each);
    }
    invocation.json(json.endArray().toString());
  }
}
