package rkt.image.layout;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import rkt.image.Diagnostics;
import rkt.image.ImageString.LayoutImage;
import rkt.image.build.TarFile;
import rkt.image.build.TarWriter;
import rkt.image.oci.Digests;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.MediaTypes;
import rkt.schema.oci.OciIndex;
import rkt.schema.oci.Platform;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.trust.CosignSignature;
import rkt.trust.Demand;
import rkt.trust.Subject;
import rkt.trust.Trust;

/** A store, a judge, and a layout under construction: a table of files that a test may spoil. */
final class LayoutFixture {
  static final Platform HOST = new Platform("linux", "amd64", Optional.empty());

  final Kernel kernel = Kernel.linux();
  final Path home;
  final Path data;
  final ImageStore store;
  final FakeTrust trust = new FakeTrust();

  /** The layout's files by path, in the order in which an archive has them. */
  final Map<String, byte[]> files = new LinkedHashMap<>();

  final List<Descriptor> entries = new ArrayList<>();

  LayoutFixture(Path home) throws EngineException {
    Assumptions.assumeTrue(kernel.geteuid() == 0, "the image store needs root");
    this.home = home;
    this.data = home.resolve("data");
    this.store = ImageStore.open(data.resolve("cas"), kernel);
    files.put("oci-layout", utf8("{\"imageLayoutVersion\":\"1.0.0\"}"));
  }

  /** Lets everything in, or what has signatures. */
  static final class FakeTrust implements Trust {
    final List<CosignSignature> seen = new ArrayList<>();
    final List<Subject> subjects = new ArrayList<>();
    boolean signed;

    /** What somebody else does while the policy is asked. */
    Runnable meanwhile = () -> {};

    @Override
    public Demand demand(Subject subject) {
      subjects.add(subject);
      meanwhile.run();
      return signed
          ? new Demand.Cosign("oci:")
          : new Demand.Nothing(Verdict.unchecked(subject.name(), 1));
    }

    @Override
    public Verdict judgeCosign(Subject subject, List<Digest> digests, List<CosignSignature> found)
        throws EngineException {
      seen.addAll(found);
      if (found.isEmpty()) {
        throw EngineException.of(rkt.schema.ErrorCode.REFUSED, "judge", "no signature");
      }
      return new Verdict(Verdict.Kind.COSIGN, subject.name(), "oci:", "key", List.of(), 2);
    }

    @Override
    public boolean hasKeysFor(String name) {
      return false;
    }

    @Override
    public void checkIssuer(Subject subject, byte[] signature) {}

    @Override
    public Verdict judgePgp(Subject subject, InputStream signed, byte[] signature) {
      throw new IllegalStateException();
    }

    @Override
    public void recheck(Subject subject, Verdict earlier) {}
  }

  /** Replaces whatever has the name by a link. */
  static void flip(Path name, Path target) {
    try {
      Path fresh = name.resolveSibling(name.getFileName() + ".fresh");
      Files.createSymbolicLink(fresh, target);
      Files.move(
          fresh,
          name,
          java.nio.file.StandardCopyOption.ATOMIC_MOVE,
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** A layer with one file. */
  static byte[] layerTar(String path, String text) {
    byte[] content = utf8(text);
    return tar(tar -> tar.entry(TarFile.regular(path, content.length), out -> out.write(content)));
  }

  interface TarContent {
    void write(TarWriter tar) throws IOException;
  }

  static byte[] tar(TarContent content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      TarWriter tar = new TarWriter(out);
      content.write(tar);
      tar.finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  Descriptor blob(String mediaType, byte[] bytes) {
    Digest digest = Digests.of(Digest.SHA256, bytes);
    files.put("blobs/sha256/" + digest.hex(), bytes);
    return new Descriptor(mediaType, digest, bytes.length);
  }

  static byte[] config(String architecture, byte[]... layerTars) {
    StringBuilder ids = new StringBuilder();
    for (byte[] tar : layerTars) {
      ids.append(ids.isEmpty() ? "" : ",")
          .append('"')
          .append(Digests.of(Digest.SHA256, tar))
          .append('"');
    }
    return utf8(
        "{\"architecture\":\""
            + architecture
            + "\",\"os\":\"linux\",\"config\":{\"Entrypoint\":[\"/bin/app\"],\"Cmd\":[\"-x\"],"
            + "\"Env\":[\"A=b\"],\"User\":\"1:2\",\"ExposedPorts\":{\"80/tcp\":{}},\"Volumes\":{\"/data\":{}},"
            + "\"WorkingDir\":\"/work\",\"Labels\":{\"l\":\"v\"}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
            + ids
            + "]}}");
  }

  /** A manifest whose blobs are in the layout; it is in no index yet. */
  Descriptor manifest(String architecture, byte[]... layerTars) {
    List<Descriptor> layers = new ArrayList<>();
    for (byte[] tar : layerTars) {
      layers.add(blob(MediaTypes.OCI_LAYER_GZIP, gzip(tar)));
    }
    Descriptor config = blob(MediaTypes.OCI_CONFIG, config(architecture, layerTars));
    return blob(
        MediaTypes.OCI_MANIFEST,
        utf8(
            new rkt.schema.oci.OciManifest(MediaTypes.OCI_MANIFEST, config, layers, Map.of())
                .toJson()));
  }

  /** An image under a name. */
  Descriptor image(String ref, byte[]... layerTars) {
    Descriptor entry = called(ref, manifest("amd64", layerTars));
    entries.add(entry);
    return entry;
  }

  static Descriptor called(String ref, Descriptor it) {
    return annotated(it, ref.isEmpty() ? Map.of() : Map.of(OciLayout.REF_NAME, ref));
  }

  static Descriptor annotated(Descriptor it, Map<String, String> annotations) {
    return new Descriptor(
        it.mediaType(), it.digest(), it.size(), it.platform(), annotations, List.of());
  }

  static Descriptor on(String architecture, Descriptor it) {
    return new Descriptor(
        it.mediaType(),
        it.digest(),
        it.size(),
        Optional.of(new Platform("linux", architecture, Optional.empty())),
        it.annotations(),
        List.of());
  }

  Descriptor index(Descriptor... manifests) {
    return blob(
        MediaTypes.OCI_INDEX,
        utf8(new OciIndex(MediaTypes.OCI_INDEX, List.of(manifests), Map.of()).toJson()));
  }

  private Map<String, byte[]> all() {
    Map<String, byte[]> all = new LinkedHashMap<>(files);
    all.putIfAbsent(
        "index.json", utf8(new OciIndex(MediaTypes.OCI_INDEX, entries, Map.of()).toJson()));
    return all;
  }

  /** Writes the layout as a directory. */
  Path directory() throws IOException {
    Path dir = home.resolve("layout");
    for (Map.Entry<String, byte[]> file : all().entrySet()) {
      Path path = dir.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
    return dir;
  }

  /** The layout as a tar. */
  byte[] archive() {
    return tar(tar -> {
      for (Map.Entry<String, byte[]> file : all().entrySet()) {
        tar.entry(
            TarFile.regular(file.getKey(), file.getValue().length),
            out -> out.write(file.getValue()));
      }
    });
  }

  Path write(String name, byte[] bytes) throws IOException {
    return Files.write(home.resolve(name), bytes);
  }

  ImageRecord load(LayoutImage.Kind kind, Path path, String ref) throws EngineException {
    return new LayoutImages(store, HOST, Diagnostics.SILENT, trust)
        .load(new LayoutImage(kind, path, ref), kind.scheme() + ":" + path, "ref");
  }

  ImageRecord load(String ref) throws EngineException, IOException {
    return load(LayoutImage.Kind.OCI, directory(), ref);
  }

  ImageRecord loadArchive(byte[] archive) throws EngineException, IOException {
    return load(LayoutImage.Kind.OCI_ARCHIVE, write("app.tar", archive), "");
  }

  ImageRecord loadDocker(byte[] archive, String ref) throws EngineException, IOException {
    return load(LayoutImage.Kind.DOCKER_ARCHIVE, write("app.tar", archive), ref);
  }
}
