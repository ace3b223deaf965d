package rkt.image.oci;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.image.Platforms;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.SchemaException;
import rkt.schema.appc.Annotation;
import rkt.schema.appc.App;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Label;
import rkt.schema.appc.MountPoint;
import rkt.schema.appc.Port;
import rkt.schema.json.Json;
import rkt.schema.json.JsonArray;
import rkt.schema.oci.OciConfig;
import rkt.schema.oci.Platform;

/**
 * What an appc manifest says, in the words of an OCI configuration; the way back from {@link
 * rkt.image.OciToAppc}.
 *
 * @param lost what OCI has no words for
 */
record AppcToConfig(
    Platform platform,
    Optional<String> created,
    Optional<String> author,
    OciConfig.Config config,
    List<String> lost) {
  private static final String DOCKER = "appc.io/docker/";
  private static final String ANNOTATION = "org.opencontainers.image.";

  AppcToConfig {
    lost = List.copyOf(lost);
  }

  static AppcToConfig of(Kernel kernel, ImageManifest manifest, Path rootfs) throws OsException {
    List<String> lost = new ArrayList<>();
    Optional<String> authors = manifest.annotations().get("authors");
    return new AppcToConfig(
        platform(manifest),
        manifest.annotations().get("created"),
        authors.isPresent() ? authors : manifest.annotations().get("author"),
        manifest.app().isPresent()
            ? config(kernel, manifest, manifest.app().get(), rootfs, lost)
            : new OciConfig.Config(
                "",
                List.of(),
                List.of(),
                List.of(),
                "",
                List.of(),
                List.of(),
                labels(manifest),
                ""),
        lost);
  }

  private static OciConfig.Config config(
      Kernel kernel, ImageManifest manifest, App app, Path rootfs, List<String> lost)
      throws OsException {
    if (!app.isolators().isEmpty()) {
      lost.add("isolators");
    }
    if (!app.eventHandlers().isEmpty()) {
      lost.add("event handlers");
    }
    if (!app.supplementaryGids().isEmpty()) {
      lost.add("supplementary groups");
    }
    List<String> entrypoint = app.exec();
    List<String> cmd = List.of();
    // An image that was OCI before keeps its two halves, as long as nobody changed the command.
    List<String> oldEntrypoint = array(manifest, "entrypoint");
    List<String> oldCmd = array(manifest, "cmd");
    List<String> old = new ArrayList<>(oldEntrypoint);
    old.addAll(oldCmd);
    if (!old.isEmpty() && old.equals(app.exec())) {
      entrypoint = oldEntrypoint;
      cmd = oldCmd;
    }
    Map<String, String> labels = new LinkedHashMap<>(labels(manifest));
    labels.putAll(app.userLabels());
    return new OciConfig.Config(
        user(kernel, app, rootfs),
        entrypoint,
        cmd,
        environment(app),
        app.workingDirectory(),
        ports(app),
        volumes(app),
        labels,
        "");
  }

  /** Both as root is what OCI means by saying nothing. */
  private static String user(Kernel kernel, App app, Path rootfs) throws OsException {
    String user = owner(kernel, app.user(), rootfs, true);
    String group = owner(kernel, app.group(), rootfs, false);
    return user.equals("0") && group.equals("0") ? "" : user + ":" + group;
  }

  /** In appc a path stands for the owner of that file; looked up inside the image only. */
  private static String owner(Kernel kernel, String name, Path rootfs, boolean user)
      throws OsException {
    if (!name.startsWith("/")) {
      return name;
    }
    long confined = Consts.RESOLVE_IN_ROOT | Consts.RESOLVE_NO_MAGICLINKS;
    try (Fd root = Fd.directory(kernel, rootfs.toString());
        Fd file =
            new Fd(
                kernel,
                kernel.openat2(
                    root.number(), name, Consts.O_PATH | Consts.O_CLOEXEC, 0, confined))) {
      Stat stat = kernel.fstat(file.number());
      return Integer.toUnsignedString(user ? stat.uid() : stat.gid());
    }
  }

  private static List<String> environment(App app) {
    List<String> out = new ArrayList<>();
    for (EnvVar variable : app.environment()) {
      out.add(variable.name() + "=" + variable.value());
    }
    return out;
  }

  private static List<String> ports(App app) {
    List<String> out = new ArrayList<>();
    for (Port port : app.ports()) {
      String protocol = port.protocol().isEmpty() ? "tcp" : port.protocol();
      for (int i = 0; i < port.count(); i++) {
        out.add((port.port() + i) + "/" + protocol);
      }
    }
    return out;
  }

  private static List<String> volumes(App app) {
    List<String> out = new ArrayList<>();
    for (MountPoint mount : app.mountPoints()) {
      out.add(mount.path());
    }
    return out;
  }

  /** The annotations that OCI has names for (image-spec, "Pre-Defined Annotation Keys"). */
  private static Map<String, String> labels(ImageManifest manifest) {
    Map<String, String> out = new LinkedHashMap<>();
    manifest.version().ifPresent(version -> out.put(ANNOTATION + "version", version));
    for (Annotation annotation : manifest.annotations()) {
      switch (annotation.name()) {
        case "homepage" -> out.put(ANNOTATION + "url", annotation.value());
        case "documentation" -> out.put(ANNOTATION + "documentation", annotation.value());
        case "authors" -> out.put(ANNOTATION + "authors", annotation.value());
        default -> {
          // A name of its own, which OCI has none for.
        }
      }
    }
    // An image that came as Docker's has what it had.
    return manifest.annotations().get(DOCKER + "repository").isPresent() ? Map.of() : out;
  }

  private static List<String> array(ImageManifest manifest, String name) {
    Optional<String> text = manifest.annotations().get(DOCKER + name);
    try {
      return text.isPresent() && Json.parse(text.get(), "") instanceof JsonArray array
          ? array.strings()
          : List.of();
    } catch (SchemaException e) {
      return List.of();
    }
  }

  /** appc's names of architectures in Go's; without a label, this machine's. */
  private static Platform platform(ImageManifest manifest) {
    String os = manifest.labels().get(Label.OS).orElse("linux");
    String arch = manifest.labels().get(Label.ARCH).orElse("");
    return switch (arch) {
      case "" -> Platforms.host();
      case "i386" -> new Platform(os, "386", Optional.empty());
      case "aarch64" -> new Platform(os, "arm64", Optional.empty());
      case "armv6l" -> new Platform(os, "arm", Optional.of("v6"));
      case "armv7l" -> new Platform(os, "arm", Optional.of("v7"));
      default -> new Platform(os, arch, Optional.empty());
    };
  }
}
