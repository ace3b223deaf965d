package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.ExitCodes;
import rkt.schema.EngineException;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.VerifyReport;

/** {@code rkt image verify}: is what the store holds of an image what was imported? */
final class ImageVerifyCommand extends Command {
  ImageVerifyCommand() {
    super("image verify", "IMAGE...");
  }

  @Override
  public String description() {
    return "IMAGE is an image ID, whole or shortened, or NAME[:VERSION][,LABEL=VALUE].";
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
    ImageStore store = invocation.engine().images();
    int code = ExitCodes.OK;
    for (String name : invocation.args()) {
      try {
        ImageRecord image = ImageArgument.find(store, name);
        code = said(invocation, name, image, store.verify(image)) ? code : ExitCodes.FAILURE;
      } catch (EngineException e) {
        invocation.console().problem("", e);
        code = ExitCodes.FAILURE;
      }
      invocation.console().flush();
    }
    return code;
  }

  private static boolean said(
      Invocation invocation, String name, ImageRecord image, VerifyReport report) {
    if (report.ok()) {
      invocation.out(
          "successfully verified checksum for image: \"" + name + "\" (\"" + image.id() + "\")");
      return true;
    }
    for (String problem : report.problems()) {
      invocation.note("tree cache verification failed for image " + name + ": " + problem);
    }
    return false;
  }
}
