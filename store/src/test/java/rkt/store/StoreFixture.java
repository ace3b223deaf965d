package rkt.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.ImageManifest;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.trust.Verdict;
import rkt.store.unpack.TarBuilder;

/** A store in a temporary directory, and images for it. */
final class StoreFixture {
  static final GcPolicy SWEEP = new GcPolicy(false, 0, Set.of(), Set.of());
  static final GcPolicy ALL = new GcPolicy(true, Long.MAX_VALUE, Set.of(), Set.of());

  final Kernel kernel = Kernel.linux();
  final Path cas;
  final ImageStore store;

  StoreFixture(Path temporary) throws EngineException {
    Assumptions.assumeTrue(kernel.geteuid() == 0, "the image store needs root");
    cas = temporary.resolve("data/cas");
    store = ImageStore.open(cas, kernel);
  }

  static byte[] manifest(String name, String more) {
    return ("{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\",\"name\":\""
            + name
            + "\""
            + more
            + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  static TarBuilder aci(String name, String more) {
    return new TarBuilder().entry("manifest", '0').data(manifest(name, more)).add().dir("rootfs");
  }

  ImageRecord importAci(byte[] archive) throws EngineException {
    return importAci(archive, ImportOptions.of("test.aci"));
  }

  ImageRecord importAci(byte[] archive, ImportOptions options) throws EngineException {
    return store.importAci(new ByteArrayInputStream(archive), options);
  }

  static byte[] gzip(byte[] data) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(data);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  static Digest digest(byte[] bytes) {
    return Digest.parse("sha256:" + Hashes.sha256Hex(bytes));
  }

  /** An OCI image of layers, lowest first. */
  record OciImage(List<byte[]> tars, List<byte[]> blobs, byte[] config, byte[] manifest) {
    static OciImage of(TarBuilder... layers) {
      List<byte[]> tars = new ArrayList<>();
      for (TarBuilder layer : layers) {
        tars.add(layer.bytes());
      }
      return of(tars);
    }

    static OciImage of(List<byte[]> tars) {
      List<byte[]> blobs = new ArrayList<>();
      StringBuilder diffIds = new StringBuilder();
      StringBuilder layers = new StringBuilder();
      for (byte[] tar : tars) {
        byte[] blob = gzip(tar);
        blobs.add(blob);
        diffIds.append(diffIds.isEmpty() ? "" : ",").append("\"").append(digest(tar)).append("\"");
        layers
            .append(layers.isEmpty() ? "" : ",")
            .append("{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"")
            .append(digest(blob))
            .append("\",\"size\":")
            .append(blob.length)
            .append("}");
      }
      byte[] config =
          ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                  + diffIds
                  + "]}}")
              .getBytes(StandardCharsets.UTF_8);
      byte[] manifest =
          ("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{\"mediaType\":"
                  + "\"application/vnd.oci.image.config.v1+json\",\"digest\":\""
                  + digest(config)
                  + "\",\"size\":"
                  + config.length
                  + "},\"layers\":["
                  + layers
                  + "]}")
              .getBytes(StandardCharsets.UTF_8);
      return new OciImage(tars, blobs, config, manifest);
    }

    Descriptor layer(int i) {
      return new Descriptor(
          "application/vnd.oci.image.layer.v1.tar+gzip", digest(blobs.get(i)), blobs.get(i).length);
    }

    Digest diffId(int i) {
      return digest(tars.get(i));
    }

    ImageId id() {
      return ImageId.sha256(digest(manifest).hex());
    }

    OciCommit commit(String name) {
      return new OciCommit(
          manifest,
          config,
          ImageManifest.of(new AcIdentifier(name)),
          List.of(Reference.of("docker://host/" + name + ":latest")),
          true,
          Verdict.unchecked("host/" + name, 0));
    }
  }

  ImageRecord importOci(OciImage image, String name) throws EngineException {
    try (OciImport oci = store.beginOci()) {
      for (int i = 0; i < image.tars().size(); i++) {
        if (!oci.hasLayer(image.layer(i), image.diffId(i))) {
          oci.unpackLayer(image.layer(i), image.diffId(i), stream(image.blobs().get(i)));
        }
      }
      return oci.commit(image.commit(name));
    }
  }

  static InputStream stream(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  /** Files of the store, relative, without lock files. */
  List<String> files() throws IOException {
    try (Stream<Path> walk = Files.walk(cas)) {
      return walk.filter(path -> !Files.isDirectory(path))
          .map(path -> cas.relativize(path).toString())
          .filter(path -> !path.equals("sweep.lock") && !path.equals("version"))
          .filter(path -> !path.equals("name/.complete") && !path.equals("catalog"))
          .sorted()
          .toList();
    }
  }
}
