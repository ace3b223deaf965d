package rkt.cli.command;

import java.nio.file.Path;
import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.Console;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.image.Diagnostics;
import rkt.image.layout.ExportType;
import rkt.image.layout.ImageExport;
import rkt.os.OsException;
import rkt.pod.Engine;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.store.ImageRecord;

/** {@code rkt image export}: the store's content for other tools, or for another store. */
final class ImageExportCommand extends Command {
  ImageExportCommand() {
    super("image export", "IMAGE OUTPUT");
  }

  @Override
  public String description() {
    return "OUTPUT is a file, with --type=oci a directory. An ACI exported as aci and an OCI image\n"
        + "exported as oci or oci-archive keep their IDs; everything else is converted, the same way\n"
        + "each time. IMAGE is an image ID, whole or shortened, a name or a reference.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(Flag.text("type", "aci", "form of the output: aci, oci, oci-archive, docker-archive"))
        .add(Flag.bool("overwrite", "overwrite the output if it exists"));
  }

  @Override
  public String completion() {
    return "__rkt_images";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    List<String> args = invocation.args();
    if (args.size() != 2) {
      throw CommandFailure.usage("expected an image and an output");
    }
    if (args.get(1).equals("-")) {
      throw CommandFailure.of(
          "cannot export to standard output: an output appears complete or not at all"
              + " (name a file; ./- is one called so)");
    }
    FlagSet flags = invocation.flags();
    ExportType type = ExportType.parse(flags.value("type"));
    Engine engine = invocation.engine();
    ImageRecord image = ImageArgument.find(engine.images(), args.get(0));
    try (Engine.Held held = engine.holdImages()) {
      new ImageExport(
              engine.images(), engine.kernel(), engine.dataDir(), new Lines(invocation.console()))
          .export(image, type, Path.of(args.get(1)), flags.on("overwrite"));
    } catch (OsException e) {
      throw unlocking(e);
    }
    return 0;
  }

  /** What the conversion has to say. */
  private record Lines(Console console) implements Diagnostics {
    @Override
    public void debug(String line) {
      console.debug("image", line);
    }

    @Override
    public void warn(String line) {
      console.note("image", line);
    }
  }

  static EngineException unlocking(OsException e) {
    return new EngineException(
        ErrorCode.SYSTEM, "unlock the image store", String.valueOf(e.getMessage()), "", e);
  }
}
