package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.ExitCodes;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.image.ImageRepair;
import rkt.image.PullPolicy;
import rkt.pod.Engine;
import rkt.schema.EngineException;
import rkt.store.Finding;
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
    return """
    Hashes what is stored of an image, and its tree or layers. Without --repair damage is only
    reported. With --repair trees and layers are made again from what is stored, and damaged blobs are
    fetched again from where the image came from: just those, under the same rules as by "rkt fetch".
    IMAGE is an image ID, whole or shortened, a name or a reference.\
    """;
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(Flag.bool("repair", "make damaged trees and layers again, fetch damaged blobs again"))
        .add(ImageLines.flag());
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
    Engine engine = invocation.engine();
    ImageStore store = engine.images();
    boolean repair = invocation.flags().on("repair");
    int code = ExitCodes.OK;
    for (String name : invocation.args()) {
      try {
        ImageRecord image = ImageArgument.find(store, name);
        boolean good =
            repair
                ? repaired(invocation, engine, name, image)
                : said(invocation, name, image, store.verify(image));
        code = good ? code : ExitCodes.FAILURE;
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
    for (Finding finding : report.findings()) {
      invocation.note(failed(name, finding));
    }
    if (report.ok()) {
      invocation.out(
          "successfully verified checksum for image: \"" + name + "\" (\"" + image.id() + "\")");
    }
    return report.ok();
  }

  private static boolean repaired(
      Invocation invocation, Engine engine, String name, ImageRecord image) throws EngineException {
    ImageStore store = engine.images();
    VerifyReport report = store.repair(image);
    if (report.ok()) {
      return said(invocation, name, image, report);
    }
    for (Finding finding : report.findings()) {
      invocation.note(
          failed(name, finding) + (finding.repaired() ? ";  rebuilding..." : ";  fetching..."));
    }
    if (!report.unrepaired().isEmpty()) {
      // Only now: the classes of the network are not needed before.
      new ImageRepair(store, Fetching.options(invocation, engine, PullPolicy.UPDATE))
          .refetch(image);
    }
    // What is new now may be the source of what could not be made before.
    VerifyReport after = store.repair(ImageArgument.find(store, image.id().toString()));
    for (Finding finding : after.unrepaired()) {
      invocation.note(failed(name, finding));
    }
    if (after.unrepaired().isEmpty()) {
      invocation.out("successfully repaired image: \"" + name + "\" (\"" + image.id() + "\")");
    }
    return after.unrepaired().isEmpty();
  }

  private static String failed(String name, Finding finding) {
    return "tree cache verification failed for image " + name + ": " + finding.problem();
  }
}
