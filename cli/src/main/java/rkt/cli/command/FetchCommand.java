package rkt.cli.command;

import java.util.ArrayList;
import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.ExitCodes;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.ImageArguments;
import rkt.cli.grammar.UsageException;
import rkt.pod.Engine;
import rkt.schema.EngineException;
import rkt.store.ImageRecord;

/** {@code rkt fetch}, also reachable as the hidden {@code rkt image fetch}. */
final class FetchCommand extends Command implements ImageArguments.Sink {
  /** The ID's short form here: the algorithm and 32 digits. */
  private static final int SHORT_ID = 39;

  private final List<String> images = new ArrayList<>(1);

  FetchCommand(String path) {
    super(path, "IMAGE_URL...");
  }

  @Override
  public String description() {
    return "Fetches images into the local store and prints their IDs. An image is a local .aci file,\n"
        + "docker://[HOST[:PORT]/]NAME[:TAG|@DIGEST], or an ID or name already in the store.\n"
        + "Several images are fetched at the same time; their IDs come in the order of the arguments.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags.add(Flag.bool("full", "print the full image hash after fetching"));
    Fetching.flags(flags, "update");
    flags.later("signature");
  }

  @Override
  public boolean takesImages() {
    return true;
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    try {
      invocation.parseImages(this, false, leaf());
    } catch (UsageException e) {
      throw CommandFailure.of("unable to parse arguments: " + e.getMessage());
    }
    if (images.isEmpty()) {
      throw CommandFailure.of("must provide at least one image");
    }
    Engine engine = invocation.engine();
    ImageFetches fetches = new ImageFetches(engine, Fetching.of(invocation, engine));
    if (images.size() == 1) {
      print(invocation, fetches.fetch(images.get(0)));
      return 0;
    }
    int code = 0;
    for (ImageFetches.Outcome outcome : fetches.all(images)) {
      try {
        print(invocation, outcome.image());
      } catch (EngineException e) {
        invocation.console().problem(outcome.argument(), e);
        code = ExitCodes.FAILURE;
      }
    }
    return code;
  }

  private static void print(Invocation invocation, ImageRecord image) {
    String id = image.id().toString();
    boolean cut = !invocation.flags().on("full") && id.length() > SHORT_ID;
    invocation.out(cut ? id.substring(0, SHORT_ID) : id);
    invocation.console().flush();
  }

  @Override
  public void image(String image) {
    images.add(image);
  }

  @Override
  public void appArgument(String argument) {
    throw new IllegalStateException("fetch takes no app arguments");
  }
}
