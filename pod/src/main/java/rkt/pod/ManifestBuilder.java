package rkt.pod;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.Version;
import rkt.schema.appc.AcName;
import rkt.schema.appc.Annotation;
import rkt.schema.appc.Annotations;
import rkt.schema.appc.App;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.Mount;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.RuntimeApp;
import rkt.schema.appc.RuntimeImage;
import rkt.schema.appc.SemVer;
import rkt.store.ImageRecord;

/**
 * Makes the pod manifest from images and flags; no I/O.
 *
 * <p>Environment, lowest precedence first: the caller's ({@code --inherit-env}, only what nobody
 * else sets), the image's, {@code --environment}, {@code --set-env-file}, {@code --set-env}. That
 * pod-wide values win over those of one app is what the ancestor's code did, against its
 * documentation; scripts rely on the code.
 */
final class ManifestBuilder {
  static final String STAGE = "error setting up stage0";
  private static final String MUTABLE = "coreos.com/rkt/stage1/mutable";

  private static final String CAPABILITIES = "os/linux/capabilities-";
  private static final String SECCOMP = "os/linux/seccomp-";

  /** An image of the request, found. */
  record FoundApp(AppRequest request, ImageRecord image, ImageManifest manifest) {}

  private ManifestBuilder() {}

  static PodManifest build(PodRequest request, List<FoundApp> apps, int uid, int gid)
      throws EngineException {
    try {
      List<RuntimeApp> runtimeApps = new ArrayList<>(apps.size());
      Set<AcName> names = new HashSet<>();
      for (FoundApp app : apps) {
        AcName name =
            app.request().name().isPresent() ? app.request().name().get() : defaultName(app);
        if (!names.add(name)) {
          throw EngineException.of(
              ErrorCode.INVALID,
              STAGE,
              "error: multiple apps with name " + name.value(),
              "give them different names with --name");
        }
        runtimeApps.add(runtimeApp(request, app, name, uid, gid));
      }
      return new PodManifest(
          new SemVer(Version.VERSION),
          runtimeApps,
          request.volumes(),
          request.isolators(),
          new Annotations(List.of(new Annotation(MUTABLE, "false"))),
          request.ports(),
          request.userAnnotations(),
          request.userLabels());
    } catch (SchemaException e) {
      throw EngineException.of(STAGE, e);
    }
  }

  /** The last component of the image's name, made an app name. */
  private static AcName defaultName(FoundApp app) {
    String name = app.manifest().name().value();
    return AcName.sanitize(name.substring(name.lastIndexOf('/') + 1));
  }

  private static RuntimeApp runtimeApp(
      PodRequest request, FoundApp found, AcName name, int uid, int gid) throws EngineException {
    AppRequest flags = found.request();
    if (found.manifest().app().isEmpty() && flags.exec().isEmpty()) {
      throw EngineException.of(
          ErrorCode.INVALID,
          STAGE,
          "error: image "
              + found.image().id().value()
              + " has no app section and --exec argument is not provided");
    }
    App app =
        found.manifest().app().isPresent()
            ? found.manifest().app().get()
            : minimalApp(flags.exec().get(), uid, gid);
    List<String> exec = new ArrayList<>();
    if (flags.exec().isPresent()) {
      exec.add(flags.exec().get());
    } else {
      exec.addAll(app.exec());
    }
    exec.addAll(flags.args());
    App effective =
        new App(
            exec,
            app.eventHandlers(),
            flags.user().orElse(app.user()),
            flags.group().orElse(app.group()),
            flags.supplementaryGids().isEmpty()
                ? app.supplementaryGids()
                : flags.supplementaryGids(),
            flags.workingDir().orElse(app.workingDirectory()),
            environment(request, app.environment(), flags.environment()),
            app.mountPoints(),
            app.ports(),
            isolators(app.isolators(), flags.isolators()),
            flags.userAnnotations().isEmpty() ? app.userAnnotations() : flags.userAnnotations(),
            flags.userLabels().isEmpty() ? app.userLabels() : flags.userLabels());
    return new RuntimeApp(
        name,
        new RuntimeImage(
            Optional.of(found.manifest().name()), found.image().id(), found.manifest().labels()),
        Optional.of(effective),
        flags.readOnlyRootFs(),
        mounts(flags.mounts(), request.mounts()),
        new Annotations(flags.annotations()));
  }

  /** For an image without an app section that is given a command: as the caller, from the root. */
  private static App minimalApp(String exec, int uid, int gid) {
    return App.of(List.of(exec), Integer.toUnsignedString(uid), Integer.toUnsignedString(gid));
  }

  static List<EnvVar> environment(PodRequest pod, List<EnvVar> image, List<EnvVar> app) {
    Map<String, String> merged = new LinkedHashMap<>();
    putAll(merged, image);
    putAll(merged, app);
    putAll(merged, pod.setEnvFile());
    putAll(merged, pod.setEnv());
    for (EnvVar inherited : pod.inheritedEnv()) {
      merged.putIfAbsent(inherited.name(), inherited.value());
    }
    List<EnvVar> out = new ArrayList<>(merged.size());
    for (Map.Entry<String, String> entry : merged.entrySet()) {
      out.add(new EnvVar(entry.getKey(), entry.getValue()));
    }
    return out;
  }

  private static void putAll(Map<String, String> target, List<EnvVar> variables) {
    for (EnvVar variable : variables) {
      target.put(variable.name(), variable.value());
    }
  }

  /**
   * Memory and cpu are appended (the last counts); cpu shares and the OOM score replace their like;
   * a capability set replaces every capability set, a seccomp filter every filter.
   */
  static List<Isolator> isolators(List<Isolator> image, List<Isolator> flags) {
    List<Isolator> out = new ArrayList<>(image);
    for (Isolator flag : flags) {
      String name = flag.name();
      if (name.startsWith(CAPABILITIES)) {
        removeByPrefix(out, CAPABILITIES);
      } else if (name.startsWith(SECCOMP)) {
        removeByPrefix(out, SECCOMP);
      } else if (name.equals(Isolator.CPU_SHARES) || name.equals(Isolator.OOM_SCORE_ADJ)) {
        removeByPrefix(out, name);
      }
      out.add(flag);
    }
    return out;
  }

  private static void removeByPrefix(List<Isolator> isolators, String prefix) {
    for (int i = isolators.size() - 1; i >= 0; i--) {
      if (isolators.get(i).name().startsWith(prefix)) {
        isolators.remove(i);
      }
    }
  }

  /** The app's own mounts, then the pod's; of those with the same target the first counts. */
  static List<Mount> mounts(List<Mount> own, List<Mount> podWide) {
    Set<String> targets = new HashSet<>();
    List<Mount> out = new ArrayList<>(own.size() + podWide.size());
    for (Mount mount : own) {
      if (targets.add(cleanPath(mount.path()))) {
        out.add(mount);
      }
    }
    for (Mount mount : podWide) {
      if (targets.add(cleanPath(mount.path()))) {
        out.add(mount);
      }
    }
    return out;
  }

  /**
   * The path without empty and {@code .} components, {@code ..} taken back textually (Go's
   * path.Clean).
   */
  static String cleanPath(String path) {
    return java.nio.file.Path.of("/").resolve(path).normalize().toString();
  }
}
