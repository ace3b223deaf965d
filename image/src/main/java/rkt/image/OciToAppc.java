package rkt.image;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import rkt.schema.SchemaException;
import rkt.schema.appc.AcName;
import rkt.schema.appc.Annotation;
import rkt.schema.appc.Annotations;
import rkt.schema.appc.App;
import rkt.schema.appc.Appc;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Label;
import rkt.schema.appc.Labels;
import rkt.schema.appc.MountPoint;
import rkt.schema.appc.OsArch;
import rkt.schema.appc.Port;
import rkt.schema.json.JsonWriter;
import rkt.schema.oci.Digest;
import rkt.schema.oci.DockerReference;
import rkt.schema.oci.OciConfig;

/**
 * The appc face of an OCI image: what docker2aci made of a Docker image, so that pods, volumes and
 * ports work alike.
 *
 * <p>An image configuration comes from strangers and is laxer than appc: what appc cannot say (a
 * variable without a legal name, a port range) is left out, rather than making the whole image
 * unusable.
 */
public final class OciToAppc {
  private static final String PREFIX = "appc.io/docker/";

  private OciToAppc() {}

  /**
   * Derives the manifest.
   *
   * @param manifestDigest of the manifest for this platform
   * @param configDigest what Docker calls the image ID
   */
  public static ImageManifest convert(
      DockerReference reference, OciConfig config, Digest manifestDigest, Digest configDigest) {
    return convert(OciOrigin.of(reference), config, manifestDigest, configDigest);
  }

  /** As above, for an image that need not come from a registry. */
  public static ImageManifest convert(
      OciOrigin origin, OciConfig config, Digest manifestDigest, Digest configDigest) {
    return new ImageManifest(
        Appc.specVersion(),
        origin.name(),
        labels(origin, config),
        Optional.of(app(config)),
        annotations(origin, config, manifestDigest, configDigest),
        List.of(),
        List.of());
  }

  /** A reference by digest has no version. */
  private static Labels labels(OciOrigin origin, OciConfig config) {
    String os = config.os().isEmpty() ? "linux" : config.os();
    String arch =
        config.architecture().isEmpty()
            ? OsArch.host()
            : OsArch.fromGo(config.architecture(), config.variant().orElse(""))
                .orElse(config.architecture());
    List<Label> labels = new ArrayList<>();
    origin.tag().ifPresent(tag -> labels.add(new Label(Label.VERSION, tag)));
    labels.add(new Label(Label.OS, os));
    labels.add(new Label(Label.ARCH, arch));
    return new Labels(labels);
  }

  private static App app(OciConfig image) {
    OciConfig.Config config = image.config();
    List<String> exec = new ArrayList<>(config.entrypoint());
    exec.addAll(config.cmd());
    String user = config.user();
    int colon = user.indexOf(':');
    String name = colon < 0 ? user : user.substring(0, colon);
    String group = colon < 0 ? user : user.substring(colon + 1);
    return new App(
        exec,
        List.of(),
        name.isEmpty() ? "0" : name,
        group.isEmpty() ? "0" : group,
        List.of(),
        workingDirectory(config.workingDir()),
        environment(config.env()),
        mountPoints(config.volumes()),
        ports(config.exposedPorts()),
        List.of(),
        Map.of(),
        config.labels());
  }

  /** Docker takes a relative directory from the root. */
  private static String workingDirectory(String directory) {
    return directory.isEmpty() || directory.startsWith("/") ? directory : "/" + directory;
  }

  /** Of two entries with one name the last counts, at the place of the first. */
  private static List<EnvVar> environment(List<String> entries) {
    Map<String, EnvVar> out = new LinkedHashMap<>();
    for (String entry : entries) {
      int equals = entry.indexOf('=');
      if (equals > 0 && EnvVar.isName(entry.substring(0, equals)) && entry.indexOf('\0') < 0) {
        out.put(
            entry.substring(0, equals),
            new EnvVar(entry.substring(0, equals), entry.substring(equals + 1)));
      }
    }
    return List.copyOf(out.values());
  }

  /**
   * {@code /data} becomes the mount point {@code volume-data}; a second one of that name {@code
   * volume-data-1}.
   */
  private static List<MountPoint> mountPoints(List<String> volumes) {
    List<MountPoint> out = new ArrayList<>();
    TreeSet<String> taken = new TreeSet<>();
    for (String path : new TreeSet<>(volumes)) {
      if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
        continue;
      }
      String base = AcName.sanitize("volume/" + path.substring(1)).value();
      String name = base;
      for (int i = 1; !taken.add(name); i++) {
        name = base + "-" + i;
      }
      out.add(new MountPoint(new AcName(name), path, false));
    }
    return out;
  }

  private static List<Port> ports(List<String> exposed) {
    List<Port> out = new ArrayList<>();
    for (String text : new TreeSet<>(exposed)) {
      int slash = text.indexOf('/');
      String protocol = slash < 0 ? "tcp" : text.substring(slash + 1);
      try {
        int port = Integer.parseInt(slash < 0 ? text : text.substring(0, slash));
        out.add(new Port(AcName.sanitize(text), protocol, port));
      } catch (NumberFormatException | SchemaException e) {
        // A range or nonsense: appc has no words for it, and an undeclared port still works.
      }
    }
    out.sort(Comparator.comparing(Port::name));
    return out;
  }

  private static Annotations annotations(
      OciOrigin origin, OciConfig config, Digest manifestDigest, Digest configDigest) {
    List<Annotation> out = new ArrayList<>();
    config
        .author()
        .filter(author -> !author.isEmpty())
        .ifPresent(author -> out.add(new Annotation("author", author)));
    config.created().ifPresent(created -> addCreated(out, created));
    out.add(new Annotation(PREFIX + "originalname", origin.original()));
    if (!origin.host().isEmpty()) {
      out.add(new Annotation(PREFIX + "registryurl", origin.host()));
    }
    out.add(new Annotation(PREFIX + "repository", origin.repository()));
    out.add(new Annotation(PREFIX + "imageid", configDigest.toString()));
    origin.tag().ifPresent(tag -> out.add(new Annotation(PREFIX + "tag", tag)));
    out.add(new Annotation(PREFIX + "manifesthash", manifestDigest.toString()));
    addArray(out, PREFIX + "entrypoint", config.config().entrypoint());
    addArray(out, PREFIX + "cmd", config.config().cmd());
    return new Annotations(out);
  }

  /** appc is strict about dates, builders are not. */
  private static void addCreated(List<Annotation> out, String created) {
    try {
      out.add(new Annotation("created", created));
    } catch (SchemaException e) {
      // Not RFC 3339: an image is no worse for it.
    }
  }

  private static void addArray(List<Annotation> out, String name, List<String> values) {
    if (!values.isEmpty()) {
      out.add(new Annotation(name, JsonWriter.compact().strings(values).toString()));
    }
  }
}
