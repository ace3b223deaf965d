package rkt.image.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.Annotations;
import rkt.schema.appc.App;
import rkt.schema.appc.Appc;
import rkt.schema.appc.Dependency;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.ImageName;
import rkt.schema.appc.Labels;
import rkt.schema.appc.OsArch;

/**
 * The flags of {@code rkt image build} that shape the manifest.
 *
 * <p>Without {@code --manifest} the image is labelled for Linux and this machine's architecture
 * unless labels say otherwise; a manifest file is taken as it is, and flags change only what they
 * name.
 */
public final class ManifestFlags {
  private static final long MAX_MANIFEST_BYTES = 4 << 20;

  /**
   * Names without dashes, in the order help lists them. Forms of the values: {@code manifest} a
   * path; {@code exec} one argument each, or one JSON array of all; {@code label}, {@code env} and
   * {@code annotation} NAME=VALUE; {@code port} NAME:[PROTOCOL:]PORT or {@code
   * name=N,protocol=P,port=N,count=N,socketActivated=B}; {@code mount} NAME:PATH[:ro] or {@code
   * volume=N,target=P,readOnly=B}; {@code supplementary-gids} numbers, comma separated; {@code
   * isolator} NAME=JSON; {@code dependency} NAME[:VERSION][,LABEL=VALUE...][@sha512-ID].
   */
  public static final List<String> NAMES =
      List.of(
          "manifest",
          "name",
          "exec",
          "label",
          "env",
          "port",
          "mount",
          "user",
          "group",
          "supplementary-gids",
          "working-dir",
          "annotation",
          "isolator",
          "dependency");

  /** Flags that make sense only for an image with an app. */
  private static final Set<String> APP_FLAGS =
      Set.of(
          "exec",
          "env",
          "port",
          "mount",
          "user",
          "group",
          "supplementary-gids",
          "working-dir",
          "isolator");

  private final Map<String, List<String>> flags;
  private final List<String> args;

  private ManifestFlags(Map<String, List<String>> flags, List<String> args) {
    this.flags = flags;
    this.args = args;
  }

  /**
   * Makes the manifest.
   *
   * @param flags values as typed, in order, under the names of {@link #NAMES}; a missing name is a
   *     flag not given
   * @param args what follows {@code --} on the command line; appended to exec
   * @throws EngineException USAGE naming the flag, INVALID for a bad manifest file, NOT_FOUND when
   *     it cannot be read
   */
  public static ImageManifest toManifest(Map<String, List<String>> flags, List<String> args)
      throws EngineException {
    for (String name : flags.keySet()) {
      if (!NAMES.contains(name)) {
        throw EngineException.of(
            ErrorCode.USAGE, "build the manifest", "there is no flag --" + name);
      }
    }
    return new ManifestFlags(flags, List.copyOf(args)).manifest();
  }

  private ImageManifest manifest() throws EngineException {
    Optional<ImageManifest> base = base();
    String name = one("name").orElse(base.map(given -> given.name().value()).orElse(""));
    if (name.isEmpty()) {
      throw EngineException.of(
          ErrorCode.USAGE,
          "build the manifest",
          "the image needs a name",
          "give --name=NAME or --manifest=FILE");
    }
    Labels labels = labels(base);
    Annotations annotations =
        annotations(base.map(ImageManifest::annotations).orElse(Annotations.EMPTY));
    List<Dependency> dependencies =
        new ArrayList<>(base.map(ImageManifest::dependencies).orElse(List.of()));
    for (String text : all("dependency")) {
      dependencies.add(flag("dependency", text, () -> dependency(text)));
    }
    Optional<App> app = app(base.flatMap(ImageManifest::app));
    return flag(
        "name",
        name,
        () ->
            new ImageManifest(
                base.map(ImageManifest::acVersion).orElse(Appc.specVersion()),
                new AcIdentifier(name),
                labels,
                app,
                annotations,
                dependencies,
                base.map(ImageManifest::pathWhitelist).orElse(List.of())));
  }

  private Optional<ImageManifest> base() throws EngineException {
    Optional<String> file = one("manifest");
    if (file.isEmpty()) {
      return Optional.empty();
    }
    String attempted = "read manifest " + file.get();
    try {
      Path path = Path.of(file.get());
      if (Files.size(path) > MAX_MANIFEST_BYTES) {
        throw EngineException.of(ErrorCode.INVALID, attempted, "it is larger than any manifest");
      }
      return Optional.of(ImageManifest.parse(Files.readAllBytes(path)));
    } catch (IOException e) {
      throw new EngineException(ErrorCode.NOT_FOUND, attempted, "cannot read the file", "", e);
    } catch (SchemaException e) {
      throw EngineException.of(attempted, e);
    }
  }

  private Labels labels(Optional<ImageManifest> base) throws EngineException {
    Labels labels = base.map(ImageManifest::labels).orElse(Labels.EMPTY);
    for (String text : all("label")) {
      Labels before = labels;
      labels = flag("label", text, () -> before.with(FlagValues.key(text), FlagValues.value(text)));
    }
    return base.isEmpty() ? OsArch.withHostDefaults(labels) : labels;
  }

  private Annotations annotations(Annotations base) throws EngineException {
    Annotations annotations = base;
    for (String text : all("annotation")) {
      Annotations before = annotations;
      annotations =
          flag("annotation", text, () -> before.with(FlagValues.key(text), FlagValues.value(text)));
    }
    return annotations;
  }

  private Optional<App> app(Optional<App> base) throws EngineException {
    boolean wanted = base.isPresent() || !args.isEmpty();
    for (String name : APP_FLAGS) {
      wanted |= flags.containsKey(name);
    }
    if (!wanted) {
      return Optional.empty();
    }
    AppDraft draft = new AppDraft(base);
    for (String text : all("env")) {
      flag("env", text, () -> draft.environment(text));
    }
    for (String text : all("port")) {
      flag("port", text, () -> draft.add(FlagValues.port(text)));
    }
    for (String text : all("mount")) {
      flag("mount", text, () -> draft.add(FlagValues.mountPoint(text)));
    }
    for (String text : all("isolator")) {
      flag("isolator", text, () -> draft.add(FlagValues.isolator(text)));
    }
    for (String text : all("supplementary-gids")) {
      flag("supplementary-gids", text, () -> draft.groups(text));
    }
    List<String> exec = new ArrayList<>();
    for (String text : all("exec")) {
      exec.addAll(flag("exec", text, () -> FlagValues.exec(text)));
    }
    exec.addAll(args);
    String directory = one("working-dir").orElse(draft.workingDirectory);
    return Optional.of(
        flag(
            "working-dir",
            directory,
            () -> draft.build(exec, one("user"), one("group"), directory)));
  }

  private static Dependency dependency(String text) {
    int at = text.lastIndexOf("@sha512-");
    ImageName name = ImageName.parse(at < 0 ? text : text.substring(0, at));
    Optional<ImageId> id =
        at < 0 ? Optional.empty() : Optional.of(new ImageId(text.substring(at + 1)));
    return new Dependency(name.name(), id, name.labels(), 0);
  }

  private List<String> all(String name) {
    return flags.getOrDefault(name, List.of());
  }

  private Optional<String> one(String name) throws EngineException {
    List<String> values = all(name);
    if (values.size() > 1) {
      throw EngineException.of(
          ErrorCode.USAGE, "build the manifest", "--" + name + " may be given once");
    }
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
  }

  /** A value that may break a rule of the schema. */
  private interface Reading<T> {
    T read() throws EngineException;
  }

  private static <T> T flag(String name, String text, Reading<T> reading) throws EngineException {
    try {
      return reading.read();
    } catch (SchemaException e) {
      throw new EngineException(
          ErrorCode.USAGE,
          "invalid value in --" + name + " flag \"" + text + "\"",
          String.valueOf(e.getMessage()),
          "",
          e);
    } catch (EngineException e) {
      throw new EngineException(
          ErrorCode.USAGE,
          "invalid value in --" + name + " flag \"" + text + "\"",
          e.why(),
          e.remedy(),
          e);
    }
  }
}
