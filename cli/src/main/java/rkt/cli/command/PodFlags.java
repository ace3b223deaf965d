package rkt.cli.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.UsageException;
import rkt.pod.PodRequest;
import rkt.schema.EngineException;
import rkt.schema.appc.Isolator;

/** What a pod consists of: the images and flags that {@code run} and {@code prepare} share. */
final class PodFlags {
  private PodFlags() {}

  static void flags(FlagSet flags, AppArguments apps) {
    AppArguments.flags(flags);
    IsolatorFlags.podFlags(flags);
    Fetching.flags(flags, "new");
    PodEnvironment.flags(flags);
    PrivateUsersFlag.flags(flags);
    flags
        .add(Flag.bool("no-overlay", "disable overlay filesystem"))
        .add(
            Flag.text(
                "pod-manifest",
                "",
                "run the pod manifest of this path, which takes the place of images and of all flags"
                    + " that say what the pod consists of"))
        .later("stage1-url", "stage1-path", "stage1-name", "stage1-hash", "stage1-from-dir")
        .onAppFlag(apps);
    VolumeFlags.flags(flags);
    PortFlag.flags(flags);
  }

  /** Reads the images and their flags. */
  static void parse(Invocation invocation, AppArguments apps, String leaf) throws CommandFailure {
    try {
      invocation.parseImages(apps, true, leaf);
      FlagSet flags = invocation.flags();
      if (flags.value("pod-manifest").isEmpty()) {
        VolumeFlags.checkMounts(apps.mounts(), VolumeFlags.volumes(flags));
      }
    } catch (UsageException e) {
      throw CommandFailure.of("error parsing app image arguments: " + e.getMessage());
    }
  }

  static PodRequest request(Invocation invocation, AppArguments apps)
      throws CommandFailure, EngineException {
    FlagSet flags = invocation.flags();
    boolean privateUsers = PrivateUsersFlag.on(flags);
    boolean manifest = !flags.value("pod-manifest").isEmpty();
    if (manifest && conflicts(flags, apps)) {
      throw CommandFailure.of("conflicting flags set with --pod-manifest (see --help)");
    }
    if (apps.count() == 0 && !manifest) {
      throw CommandFailure.of("must provide at least one image or specify the pod manifest");
    }
    return new PodRequest(
        apps.requests(),
        VolumeFlags.volumes(flags),
        apps.podMounts(),
        PortFlag.ports(flags),
        PodEnvironment.inherited(flags),
        PodEnvironment.fromFiles(flags),
        PodEnvironment.set(flags),
        Map.of(),
        Map.of(),
        manifest ? Optional.of(Path.of(flags.value("pod-manifest"))) : Optional.empty(),
        !flags.on("no-overlay"),
        podIsolators(flags),
        privateUsers);
  }

  private static List<Isolator> podIsolators(FlagSet flags) throws CommandFailure {
    try {
      return IsolatorFlags.podIsolators(flags);
    } catch (UsageException e) {
      throw CommandFailure.of(String.valueOf(e.getMessage()));
    }
  }

  /** A manifest says all of this itself, and one of both would be ignored. */
  private static boolean conflicts(FlagSet flags, AppArguments apps) {
    String policy = flags.value("pull-policy");
    return apps.count() > 0
        || flags.on("inherit-env")
        || flags.on("store-only")
        || flags.on("no-store")
        || flags.given("volume")
        || flags.given("mount")
        || flags.given("port")
        || flags.given("set-env")
        || flags.given("sysctl")
        || flags.given("platform")
        || flags.given("set-env-file")
        || (flags.given("pull-policy") && !policy.equals("new"));
  }
}
