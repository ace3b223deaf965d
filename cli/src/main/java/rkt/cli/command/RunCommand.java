package rkt.cli.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.UsageException;
import rkt.os.Kernel;
import rkt.pod.Engine;
import rkt.pod.LaunchRequest;
import rkt.pod.PodRequest;
import rkt.pod.RunRequest;
import rkt.schema.EngineException;

/** {@code rkt run}: becomes the pod. */
final class RunCommand extends Command {
  private final AppArguments apps = new AppArguments();

  RunCommand() {
    super("run", "IMAGE [--exec=PATH] [...] [-- image-args...[---]]...");
  }

  @Override
  public String description() {
    return """
    Runs one or more images in a pod. An image is a local .aci file, a docker:// reference,
    or an ID or name in the store.

    Flags that concern one app follow its image; what follows -- is passed to the app, and
    --- ends that, so that another image may come:

        rkt run docker://a --name=one -- arg1 --- docker://b --exec=/bin/b\
    """;
  }

  @Override
  public void flags(FlagSet flags) {
    AppArguments.flags(flags);
    Fetching.flags(flags, "new");
    PodEnvironment.flags(flags);
    Networks.flags(flags);
    flags
        .add(Flag.bool("no-overlay", "disable overlay filesystem"))
        .add(
            Flag.bool(
                "interactive", "run pod interactively. If true, only one image may be supplied."))
        .add(Flag.text("uuid-file-save", "", "write out pod UUID to specified file"))
        .add(Flag.text("hostname", "", "pod's hostname. If empty, it will be \"rkt-$PODUUID\""))
        .later(
            "stage1-url",
            "stage1-path",
            "stage1-name",
            "stage1-hash",
            "stage1-from-dir",
            "port",
            "private-users",
            "dns",
            "dns-search",
            "dns-opt",
            "dns-domain",
            "hosts-entry",
            "pod-manifest",
            "mds-register",
            "volume",
            "ipc")
        .onAppFlag(apps);
  }

  @Override
  public boolean needsRoot() {
    return true;
  }

  @Override
  public boolean takesImages() {
    return true;
  }

  @Override
  public String completion() {
    return "__rkt_images";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    try {
      invocation.parseImages(apps, true, leaf());
    } catch (UsageException e) {
      throw CommandFailure.of("error parsing app image arguments: " + e.getMessage());
    }
    FlagSet flags = invocation.flags();
    Engine engine = invocation.engine();
    Fetching fetching = Fetching.of(invocation, engine);
    boolean interactive = flags.on("interactive");
    if (interactive && apps.count() > 1) {
      throw CommandFailure.of("interactive option only supports one image");
    }
    if (apps.count() == 0) {
      throw CommandFailure.of("must provide at least one image");
    }
    PodRequest pod = pod(flags);
    LaunchRequest launch =
        new LaunchRequest(
            Networks.mode(invocation),
            interactive,
            interactive && Kernel.linux().isatty(0),
            text(flags, "hostname"),
            true);
    invocation.console().flush();
    engine
        .runner(fetching)
        .run(
            new RunRequest(
                pod,
                launch,
                flags.given("uuid-file-save")
                    ? Optional.of(Path.of(flags.value("uuid-file-save")))
                    : Optional.empty()));
    return 0;
  }

  private PodRequest pod(FlagSet flags) throws CommandFailure, EngineException {
    return new PodRequest(
        apps.requests(),
        List.of(),
        List.of(),
        List.of(),
        PodEnvironment.inherited(flags),
        PodEnvironment.fromFiles(flags),
        PodEnvironment.set(flags),
        Map.of(),
        Map.of(),
        Optional.empty(),
        !flags.on("no-overlay"));
  }

  private static Optional<String> text(FlagSet flags, String name) {
    String value = flags.value(name);
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }
}
