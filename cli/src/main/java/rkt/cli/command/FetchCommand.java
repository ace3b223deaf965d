package rkt.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
final class FetchCommand extends Command implements ImageArguments.Sink, FlagSet.AppFlagListener {
  /** The ID's short form here: the algorithm and 32 digits. */
  private static final int SHORT_ID = 39;

  private final List<ImageFetches.Wanted> images = new ArrayList<>(1);

  FetchCommand(String path) {
    super(path, "IMAGE_URL...");
  }

  @Override
  public String description() {
    return "Fetches images into the local store and prints their IDs. An image is a local .aci file"
        + " or\n"
        + "an http(s) URL of one, an appc name, docker://[HOST[:PORT]/]NAME[:TAG|@DIGEST],\n"
        + "oci:DIR[:REF], oci-archive:FILE[:REF], docker-archive:FILE[:REF], or an image"
        + " ID.\n"
        + "Several images are fetched at the same time; their IDs come in the order of the"
        + " arguments.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags.add(Flag.bool("full", "print the full image hash after fetching"));
    Fetching.flags(flags, "update");
    flags.add(AppArguments.signatureFlag()).onAppFlag(this);
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
    images.add(new ImageFetches.Wanted(image, Optional.empty()));
  }

  @Override
  public void appFlag(Flag flag, String value) throws UsageException {
    if (images.isEmpty()) {
      throw new UsageException("--" + flag.name() + " must follow an image");
    }
    ImageFetches.Wanted last = images.removeLast();
    Path signature = AppArguments.signature(last.signature().orElse(null), value);
    images.add(new ImageFetches.Wanted(last.image(), Optional.of(signature)));
  }

  @Override
  public void appArgument(String argument) {
    throw new IllegalStateException("fetch takes no app arguments");
  }
}
