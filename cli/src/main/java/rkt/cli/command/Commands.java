package rkt.cli.command;

import java.util.List;

/**
 * Every command's path and summary, without loading its class; and the way from a path to its
 * class.
 *
 * <p>Paths are sorted, so help, man pages and completion come out in a stable order.
 */
public final class Commands {
  /** Sorted; a blank joins the words. */
  public static final List<String> PATHS =
      List.of(
          "api-service",
          "app",
          "attach",
          "cat-manifest",
          "completion",
          "config",
          "enter",
          "export",
          "fetch",
          "gc",
          "help",
          "image build",
          "image cat-manifest",
          "image export",
          "image extract",
          "image fetch",
          "image gc",
          "image inspect",
          "image list",
          "image push",
          "image render",
          "image rm",
          "image tag",
          "image untag",
          "image verify",
          "list",
          "metadata-service",
          "port",
          "prepare",
          "rm",
          "run",
          "run-prepared",
          "status",
          "stop",
          "trust",
          "trust explain",
          "trust list",
          "trust remove",
          "version");

  private Commands() {}

  /** One line for a command; empty for a hidden one. */
  public static String summary(String path) {
    return switch (path) {
      case "" -> "rkt, the application container runner";
      case "image" -> "Operate on images in the local store";
      case "cat-manifest" -> "Inspect and print the pod manifest";
      case "completion" -> "Output shell completion code for the specified shell";
      case "config" -> "Print configuration for each stage in JSON format";
      case "enter" -> "Enter the namespaces of an app within a rkt pod";
      case "fetch" -> "Fetch images and store them in the local store";
      case "gc" -> "Garbage collect rkt pods no longer in use";
      case "help" -> "Help about any command";
      case "image build" -> "Build an image from a root filesystem";
      case "image cat-manifest" -> "Inspect and print the image manifest";
      case "image export" -> "Export a stored image to a file or directory";
      case "image extract" -> "Extract a stored image to a directory";
      case "image gc" -> "Garbage collect local store";
      case "image inspect" -> "Show all that is known of images in the local store";
      case "image list" -> "List images in the local store";
      case "image push" -> "Push an image of the local store to a registry";
      case "image render" -> "Render a stored image to a directory with all its dependencies";
      case "image rm" ->
          "Remove one or more images with the given IDs or image names from the local store";
      case "image tag" -> "Give an image in the local store one more name";
      case "image untag" -> "Take names of images in the local store away";
      case "image verify" -> "Verify one or more rendered images in the local store";
      case "list" -> "List pods";
      case "port" -> "List the published ports of a pod";
      case "rm" -> "Remove all files and resources associated with an exited pod";
      case "prepare" -> "Prepare to run image(s) in a pod in rkt";
      case "run" -> "Run images in a pod in rkt";
      case "run-prepared" -> "Run a prepared application pod in rkt";
      case "status" -> "Check the status of a rkt pod";
      case "stop" -> "Stop a pod";
      case "trust" -> "Trust a key for image verification";
      case "trust explain" -> "Show why an image is trusted, or not";
      case "trust list" -> "List trusted keys";
      case "trust remove" -> "Withdraw a trusted key";
      case "version" -> "Print the version and exit";
      default -> "";
    };
  }

  /** Whether help, man pages and completion leave a path out. */
  public static boolean hidden(String path) {
    return summary(path).isEmpty();
  }

  /** The command of a path out of {@link #PATHS}. */
  public static Command create(String path) {
    return switch (path) {
      case "cat-manifest" -> new CatManifestCommand();
      case "completion" -> new CompletionCommand();
      case "config" -> new ConfigCommand();
      case "enter" -> new EnterCommand();
      case "fetch", "image fetch" -> new FetchCommand(path);
      case "gc" -> new GcCommand();
      case "help" -> new HelpCommand();
      case "image build" -> new ImageBuildCommand();
      case "image cat-manifest" -> new ImageCatManifestCommand();
      case "image export" -> new ImageExportCommand();
      case "image extract" -> new ImageUnpackCommand(path);
      case "image gc" -> new ImageGcCommand();
      case "image inspect" -> new ImageInspectCommand();
      case "image list" -> new ImageListCommand();
      case "image push" -> new ImagePushCommand();
      case "image render" -> new ImageUnpackCommand(path);
      case "image rm" -> new ImageRmCommand();
      case "image tag" -> new ImageTagCommand();
      case "image untag" -> new ImageUntagCommand();
      case "image verify" -> new ImageVerifyCommand();
      case "list" -> new ListCommand();
      case "port" -> new PortCommand();
      case "prepare" -> new PrepareCommand();
      case "rm" -> new RmCommand();
      case "run" -> new RunCommand();
      case "run-prepared" -> new RunPreparedCommand();
      case "status" -> new StatusCommand();
      case "stop" -> new StopCommand();
      case "trust" -> new TrustCommand();
      case "trust explain" -> new TrustExplainCommand();
      case "trust list" -> new TrustListCommand();
      case "trust remove" -> new TrustRemoveCommand();
      case "version" -> new VersionCommand();
      default -> new LaterCommand(path);
    };
  }
}
