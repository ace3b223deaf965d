package rkt.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.ImageArguments;
import rkt.cli.grammar.UsageException;
import rkt.cli.grammar.Values;
import rkt.image.ImageStrings;
import rkt.pod.AppRequest;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;
import rkt.schema.appc.AcName;
import rkt.schema.appc.Annotation;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.Mount;

/** The images of one command line, each with the flags and arguments that follow it. */
final class AppArguments implements ImageArguments.Sink, FlagSet.AppFlagListener {
  private final List<Draft> drafts = new ArrayList<>(1);
  private final List<Mount> podMounts = new ArrayList<>(0);

  /** An app while its flags are being read. */
  private static final class Draft {
    final String image;
    @Nullable Path signature;
    final List<String> args = new ArrayList<>(2);
    final List<Integer> supplementaryGids = new ArrayList<>(0);
    final List<EnvVar> environment = new ArrayList<>(0);
    final List<Annotation> annotations = new ArrayList<>(0);
    final List<Mount> mounts = new ArrayList<>(0);
    final Map<String, String> userAnnotations = new LinkedHashMap<>(2);
    final Map<String, String> userLabels = new LinkedHashMap<>(2);
    @Nullable String exec;
    @Nullable AcName name;
    @Nullable String user;
    @Nullable String group;
    @Nullable String workingDir;
    boolean readOnlyRootFs;
    final IsolatorFlags isolators = new IsolatorFlags();

    Draft(String image) {
      this.image = image;
    }
  }

  /** Adds the per-app flags to a table. */
  static void flags(FlagSet flags) {
    flags
        .add(app(Flag.text("exec", "", "override the exec command for the preceding image")))
        .add(
            app(
                Flag.text(
                    "name",
                    "",
                    "set the name of the app (example: '--name=foo'). If not set, then the app name"
                        + " default to the image's name")))
        .add(
            app(
                Flag.text(
                    "working-dir", "", "override the working directory of the preceding image")))
        .add(
            app(
                Flag.text(
                    "readonly-rootfs",
                    "",
                    "if set to true, the app's rootfs will be mounted read-only")))
        .add(
            app(
                Flag.text(
                    "user", "", "user override for the preceding image (example: '--user=user')")))
        .add(
            app(
                Flag.text(
                    "group",
                    "",
                    "group override for the preceding image (example: '--group=group')")))
        .add(
            app(
                Flag.repeated(
                    "supplementary-gids",
                    "supplementary group IDs override for the preceding image (example:"
                        + " '--supplementary-gids=1024,2048')")))
        .add(
            app(
                Flag.pair(
                    "environment",
                    "set the app's environment variables (example: '--environment=foo=bar')")))
        .add(
            app(
                Flag.pair(
                    "annotation", "set the app's annotations (example: '--annotation=foo=bar')")))
        .add(
            app(
                Flag.pair(
                    "user-annotation",
                    "set the app's user annotations (example: '--user-annotation=foo=bar')")))
        .add(
            app(
                Flag.pair(
                    "user-label", "set the app's user labels (example: '--user-label=foo=bar')")))
        .add(signatureFlag())
        .later("stdin", "stdout", "stderr");
    IsolatorFlags.flags(flags);
  }

  /** Also {@code fetch} has it. */
  static Flag signatureFlag() {
    return app(
        Flag.text(
            "signature", "", "local signature file to use in validating the preceding image"));
  }

  /** What a second {@code --signature} for an image, or one without a file, comes to. */
  static Path signature(@Nullable Path earlier, String value) throws UsageException {
    if (earlier != null) {
      throw new UsageException("--signature specified multiple times for the same image");
    }
    if (value.isEmpty() || value.indexOf('\0') >= 0) {
      throw new UsageException("--signature needs the path of a file");
    }
    return Path.of(value);
  }

  private static Flag app(Flag flag) {
    return flag.forEachApp();
  }

  int count() {
    return drafts.size();
  }

  @Override
  public void image(String image) {
    drafts.add(new Draft(image));
  }

  @Override
  public void appArgument(String argument) {
    drafts.get(drafts.size() - 1).args.add(argument);
  }

  @Override
  public void appFlag(Flag flag, String value) throws UsageException {
    if (flag.name().equals("mount") && drafts.isEmpty()) {
      podMounts.add(mount(value));
      return;
    }
    if (drafts.isEmpty()) {
      throw new UsageException("--" + flag.name() + " must follow an image");
    }
    try {
      set(drafts.get(drafts.size() - 1), flag.name(), value);
    } catch (SchemaException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private static void set(Draft app, String flag, String value) throws UsageException {
    switch (flag) {
      case "exec" -> {
        if (app.exec != null) {
          throw new UsageException("--exec specified multiple times for the same image");
        }
        app.exec = orNull(value);
      }
      case "mount" -> app.mounts.add(mount(value));
      case "signature" -> app.signature = signature(app.signature, value);
      case "name" -> app.name = new AcName(value);
      case "working-dir" -> app.workingDir = orNull(value);
      case "readonly-rootfs" -> app.readOnlyRootFs = readOnly(value);
      case "user" -> app.user = orNull(value);
      case "group" -> app.group = orNull(value);
      case "supplementary-gids" -> addGids(app, value);
      case "environment" -> addEnvironment(app, value);
      case "annotation" -> addAnnotation(app, value);
      case "user-annotation" -> putPair(app.userAnnotations, value);
      case "user-label" -> putPair(app.userLabels, value);
      default -> {
        if (!app.isolators.set(flag, value)) {
          throw new UsageException("--" + flag + " is not a flag of an app");
        }
      }
    }
  }

  private static Mount mount(String value) throws UsageException {
    try {
      return Mount.parse(value);
    } catch (SchemaException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  /** The mounts for every app: those before the first image. */
  List<Mount> podMounts() {
    return podMounts;
  }

  /** All mounts, of the pod and of its apps. */
  List<Mount> mounts() {
    List<Mount> all = new ArrayList<>(podMounts);
    for (Draft app : drafts) {
      all.addAll(app.mounts);
    }
    return all;
  }

  /** An empty value leaves what the image says, so that scripts may pass an unset variable. */
  private static @Nullable String orNull(String value) {
    return value.isEmpty() ? null : value;
  }

  private static boolean readOnly(String value) throws UsageException {
    if (!Values.isBool(value)) {
      throw new UsageException("--readonly-rootfs must be set with a boolean");
    }
    return Values.bool(value);
  }

  private static void addGids(Draft app, String value) throws UsageException {
    for (String gid : FlagSet.split(value, ',')) {
      try {
        app.supplementaryGids.add(Integer.parseInt(gid));
      } catch (NumberFormatException e) {
        throw new UsageException("--supplementary-gids must be integers");
      }
    }
  }

  /** A later value for the same variable wins. */
  private static void addEnvironment(Draft app, String value) throws UsageException {
    List<String> pair = ImageArguments.pair(value);
    EnvVar variable = new EnvVar(pair.get(0), pair.get(1));
    for (int i = 0; i < app.environment.size(); i++) {
      if (app.environment.get(i).name().equals(variable.name())) {
        app.environment.set(i, variable);
        return;
      }
    }
    app.environment.add(variable);
  }

  private static void addAnnotation(Draft app, String value) throws UsageException {
    List<String> pair = ImageArguments.pair(value);
    for (Annotation annotation : app.annotations) {
      if (annotation.name().equals(pair.get(0))) {
        throw new UsageException("key " + Values.quote(pair.get(0)) + " already set");
      }
    }
    app.annotations.add(new Annotation(pair.get(0), pair.get(1)));
  }

  private static void putPair(Map<String, String> map, String value) throws UsageException {
    List<String> pair = ImageArguments.pair(value);
    if (map.putIfAbsent(pair.get(0), pair.get(1)) != null) {
      throw new UsageException("key " + Values.quote(pair.get(0)) + " already set");
    }
  }

  /** What was read, with every image argument understood. */
  List<AppRequest> requests() throws EngineException {
    List<AppRequest> requests = new ArrayList<>(drafts.size());
    for (Draft app : drafts) {
      requests.add(
          new AppRequest(
              ImageStrings.parse(app.image),
              app.image,
              Optional.ofNullable(app.signature),
              app.args,
              Optional.ofNullable(app.exec),
              Optional.ofNullable(app.name),
              Optional.ofNullable(app.user),
              Optional.ofNullable(app.group),
              app.supplementaryGids,
              Optional.ofNullable(app.workingDir),
              app.readOnlyRootFs,
              app.environment,
              app.annotations,
              app.userAnnotations,
              app.userLabels,
              app.isolators.isolators(),
              app.mounts));
    }
    return requests;
  }
}
