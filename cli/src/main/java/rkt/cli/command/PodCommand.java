package rkt.cli.command;

import rkt.cli.grammar.FlagSet;

/** A command that makes a pod of images: {@code run} and {@code prepare}. */
abstract class PodCommand extends Command {
  /** The images of the command line with the flags that follow each. */
  final AppArguments apps = new AppArguments();

  PodCommand(String path) {
    super(path, "IMAGE [--exec=PATH] [...] [-- image-args...[---]]...");
  }

  @Override
  public void flags(FlagSet flags) {
    PodFlags.flags(flags, apps);
  }

  @Override
  public final boolean needsRoot() {
    return true;
  }

  @Override
  public final boolean takesImages() {
    return true;
  }

  @Override
  public final String completion() {
    return "__rkt_images";
  }
}
