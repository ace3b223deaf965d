package rkt.cli.grammar;

import java.util.ArrayList;
import java.util.List;

/**
 * The argument loop of commands that take images: {@code IMG [flags] [-- args] [---] IMG ...}.
 *
 * <p>Between {@code --} and {@code ---} every argument belongs to the app, verbatim. Outside, flags
 * of the command may stand anywhere; per-app flags belong to the image before them.
 */
public final class ImageArguments {
  /** What the loop found; the calls come in the order of the arguments. */
  public interface Sink {
    /** A new app with this image. */
    void image(String image) throws UsageException;

    /** One more argument for the app added last. */
    void appArgument(String argument);
  }

  private final FlagSet flags;
  private final Sink sink;
  private final boolean appArguments;
  private int images;
  private int imagesAtLastArguments;

  /**
   * @param appArguments whether the command runs apps, so that {@code -- args} makes sense
   */
  public ImageArguments(FlagSet flags, Sink sink, boolean appArguments) {
    this.flags = flags;
    this.sink = sink;
    this.appArguments = appArguments;
  }

  /**
   * Parses the flags before the first image, which are those of the command itself.
   *
   * @return the arguments from the first one on that is no flag
   */
  public static List<String> leadingFlags(FlagSet flags, List<String> args) throws UsageException {
    int i = 0;
    while (i < args.size()) {
      String arg = args.get(i);
      if (arg.equals("--") || arg.equals("---") || !FlagSet.isFlag(arg)) {
        break;
      }
      i = flags.parseFlag(args, i);
    }
    return args.subList(i, args.size());
  }

  /** Parses from the first positional argument on. */
  public void parse(List<String> args) throws UsageException {
    boolean inApp = false;
    int i = 0;
    while (i < args.size()) {
      String arg = args.get(i);
      if (inApp) {
        if (arg.equals("---")) {
          inApp = false;
        } else {
          sink.appArgument(arg);
        }
        i++;
      } else if (arg.isEmpty() || arg.equals("---")) {
        i++;
      } else if (arg.equals("--")) {
        beginAppArguments();
        inApp = true;
        i++;
      } else if (FlagSet.isFlag(arg)) {
        i = flags.parseFlag(args, i);
      } else {
        sink.image(arg);
        images++;
        i++;
      }
    }
  }

  private void beginAppArguments() throws UsageException {
    if (!appArguments) {
      throw new UsageException("app arguments unsupported");
    }
    if (images == 0) {
      throw new UsageException("an image is required before any app arguments");
    }
    if (images == imagesAtLastArguments) {
      throw new UsageException("only one set of app arguments allowed per image");
    }
    imagesAtLastArguments = images;
  }

  /** Splits {@code key=value} at the first {@code =}; the key may not be empty. */
  public static List<String> pair(String text) throws UsageException {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new UsageException("must be specified as key=value");
    }
    List<String> pair = new ArrayList<>(2);
    pair.add(text.substring(0, equals));
    pair.add(text.substring(equals + 1));
    return pair;
  }
}
