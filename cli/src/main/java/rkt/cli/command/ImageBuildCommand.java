package rkt.cli.command;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.image.build.AciBuildRequest;
import rkt.image.build.AciBuilder;
import rkt.image.build.AciCompression;
import rkt.image.build.ManifestFlags;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.schema.appc.ImageManifest;

/** {@code rkt image build}: an ACI from a root filesystem, the same bytes for the same input. */
final class ImageBuildCommand extends Command {
  /** The flags that shape the manifest, handed on as typed. */
  private static final String[] MANIFEST_FLAGS = {
    "manifest",
    "name",
    "exec",
    "label",
    "env",
    "port",
    "mount",
    "user",
    "group",
    "working-dir",
    "annotation",
    "supplementary-gids",
    "isolator",
    "dependency",
  };

  ImageBuildCommand() {
    super("image build", "ROOTFS_DIR_OR_TAR OUT.aci --name=NAME [--exec=PATH] [...] [-- ARGS...]");
  }

  @Override
  public String description() {
    return "Builds an image from a root filesystem, a directory or a tar, and prints its ID.\n"
        + "The same input gives the same image ID. What follows -- is appended to --exec.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(
            Flag.text(
                "manifest", "", "image manifest file to start from; the other flags change it"))
        .add(Flag.text("name", "", "name of the image (example: '--name=example.com/app')"))
        .add(
            Flag.repeated(
                "exec", "command the image runs: one argument each time, or a JSON array"))
        .add(Flag.repeated("label", "label of the image (example: '--label=version=1.0')"))
        .add(Flag.repeated("env", "environment variable (example: '--env=foo=bar')"))
        .add(Flag.repeated("port", "port the app listens on: NAME:[PROTO:]PORT"))
        .add(Flag.repeated("mount", "mount point: NAME:PATH[:ro]"))
        .add(Flag.text("user", "", "user the app runs as"))
        .add(Flag.text("group", "", "group the app runs as"))
        .add(Flag.text("working-dir", "", "directory the app starts in"))
        .add(Flag.repeated("annotation", "annotation (example: '--annotation=authors=me')"))
        .add(Flag.repeated("supplementary-gids", "supplementary group IDs, comma-separated"))
        .add(Flag.repeated("isolator", "isolator: NAME=JSON"))
        .add(
            Flag.repeated(
                "dependency", "image this one builds on: NAME[:VERSION][,LABEL=VALUE...]"))
        .add(Flag.text("compression", "gzip", "how to compress the file: none, gzip, zstd"))
        .add(Flag.bool("keep-times", "keep modification times; the image ID then depends on them"))
        .add(Flag.bool("owner-root", "record every file as owned by root"))
        .add(Flag.bool("overwrite", "replace the output file if it exists"));
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    FlagSet flags = invocation.flags();
    List<String> args = invocation.args();
    int operands = flags.beforeDash() < 0 ? args.size() : flags.beforeDash();
    if (operands != 2) {
      throw CommandFailure.usage("expected a root filesystem and an output file");
    }
    Path output = Path.of(args.get(1));
    if (!args.get(1).endsWith(".aci")) {
      throw CommandFailure.of("extension must be .aci (given " + args.get(1) + ")");
    }
    Map<String, List<String>> given = new LinkedHashMap<>();
    for (String name : MANIFEST_FLAGS) {
      if (flags.given(name)) {
        given.put(name, List.copyOf(flags.all(name)));
      }
    }
    ImageManifest manifest =
        ManifestFlags.toManifest(given, List.copyOf(args.subList(operands, args.size())));
    ImageId id =
        new AciBuilder(Kernel.linux())
            .build(
                new AciBuildRequest(
                    Path.of(args.get(0)),
                    output,
                    manifest,
                    AciCompression.parse(flags.value("compression")),
                    flags.on("keep-times"),
                    flags.on("owner-root"),
                    flags.on("overwrite")));
    invocation.out(id.toString());
    return 0;
  }
}
