package rkt.cli.command;

import java.nio.file.Path;
import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.image.layout.ImageUnpacking;
import rkt.os.OsException;
import rkt.pod.Engine;
import rkt.schema.EngineException;
import rkt.store.ImageRecord;

/**
 * {@code rkt image extract} and {@code rkt image render}: an image into a directory, alone or with
 * what it depends on.
 */
final class ImageUnpackCommand extends Command {
  private final boolean render;

  ImageUnpackCommand(String path) {
    super(path, "IMAGE OUTPUT_DIR");
    this.render = path.equals("image render");
  }

  @Override
  public String description() {
    return (render
            ? "Writes what a pod would see: the image with its dependencies and layers merged.\n"
            : "Writes what is in the image alone, without its dependencies.\n")
        + "OUTPUT_DIR gets the image manifest and rootfs/, with --rootfs-only the content of rootfs/.\n"
        + "Only its owner may enter OUTPUT_DIR: the image may have set-user-ID programs.\n"
        + "IMAGE is an image ID, whole or shortened, a name or a reference.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(Flag.bool("rootfs-only", leaf() + " the rootfs only"))
        .add(Flag.bool("overwrite", "overwrite output"));
  }

  @Override
  public String completion() {
    return "__rkt_images";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    List<String> args = invocation.args();
    if (args.size() != 2) {
      throw CommandFailure.usage("expected an image and an output directory");
    }
    FlagSet flags = invocation.flags();
    Engine engine = invocation.engine();
    ImageRecord image = ImageArgument.find(engine.images(), args.get(0));
    Path output = Path.of(args.get(1));
    boolean overwrite = flags.on("overwrite");
    boolean rootfsOnly = flags.on("rootfs-only");
    try (Engine.Held held = engine.holdImages()) {
      ImageUnpacking unpacking =
          new ImageUnpacking(engine.images(), engine.kernel(), engine.dataDir());
      if (render) {
        unpacking.render(image, output, overwrite, rootfsOnly);
      } else {
        unpacking.extract(image, output, overwrite, rootfsOnly);
      }
    } catch (OsException e) {
      throw ImageExportCommand.unlocking(e);
    }
    return 0;
  }
}
