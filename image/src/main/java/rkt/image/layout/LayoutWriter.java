package rkt.image.layout;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import rkt.schema.EngineException;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.DockerReference;
import rkt.schema.oci.DockerSaveManifest;
import rkt.schema.oci.MediaTypes;
import rkt.schema.oci.OciIndex;
import rkt.store.unpack.Compression;

/** Writes an image in the forms other tools read. */
final class LayoutWriter {
  private static final byte[] MARKER =
      "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8);

  private final ExportedImage image;
  private final LayoutSink sink;

  LayoutWriter(ExportedImage image, LayoutSink sink) {
    this.image = image;
    this.sink = sink;
  }

  /** An OCI image layout: manifest, configuration and layers byte for byte. */
  void oci() throws IOException, EngineException {
    Descriptor self =
        image.self(
            image.name().isPresent()
                ? Map.of(OciLayout.REF_NAME, full(image.name().get()))
                : Map.of());
    sink.file("oci-layout", MARKER);
    sink.file(
        "index.json", utf8(new OciIndex(MediaTypes.OCI_INDEX, List.of(self), Map.of()).toJson()));
    sink.directory("blobs");
    List<String> algorithms = new ArrayList<>();
    directory(algorithms, self);
    sink.file(OciLayout.blobPath(self.digest()), image.manifest());
    Descriptor config = image.parsed().config();
    directory(algorithms, config);
    sink.file(OciLayout.blobPath(config.digest()), image.config());
    for (Descriptor layer : image.distinctLayers()) {
      directory(algorithms, layer);
      try (InputStream in = image.blobs().open(layer)) {
        sink.file(OciLayout.blobPath(layer.digest()), layer.size(), in);
      }
    }
  }

  private void directory(List<String> made, Descriptor blob) throws IOException {
    String algorithm = blob.digest().algorithm();
    if (!made.contains(algorithm)) {
      made.add(algorithm);
      sink.directory("blobs/" + algorithm);
    }
  }

  /**
   * As {@code docker save}: layers inflated and called by their diff IDs. Each is inflated twice,
   * because its size stands before it in a tar.
   */
  void docker() throws IOException, EngineException {
    Map<Digest, String> layers = new LinkedHashMap<>();
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < image.diffIds().size(); i++) {
      Digest diffId = image.diffIds().get(i);
      String path = diffId.hex() + ".tar";
      paths.add(path);
      if (layers.putIfAbsent(diffId, path) == null) {
        Descriptor layer = image.parsed().layers().get(i);
        long size = 0;
        byte[] block = new byte[256 << 10];
        try (InputStream in = inflated(layer)) {
          for (int n = in.read(block); n >= 0; n = in.read(block)) {
            size += n;
          }
        }
        try (InputStream in = inflated(layer)) {
          sink.file(path, size, in);
        }
      }
    }
    String config = image.parsed().config().digest().hex() + ".json";
    sink.file(config, image.config());
    List<String> tags = image.name().isPresent() ? List.of(full(image.name().get())) : List.of();
    sink.file(
        "manifest.json",
        utf8(
            new DockerSaveManifest(List.of(new DockerSaveManifest.Entry(config, tags, paths)))
                .toJson()));
  }

  private InputStream inflated(Descriptor layer) throws IOException, EngineException {
    InputStream raw = image.blobs().open(layer);
    try {
      return new Inflated(Compression.openTar(raw, "layer " + layer.digest()), raw);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /**
   * Also closes the stream below, which the decompressors leave alone; reads both to their ends.
   */
  private static final class Inflated extends java.io.FilterInputStream {
    private final InputStream raw;

    Inflated(InputStream in, InputStream raw) {
      super(in);
      this.raw = raw;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
      int n = in.read(b, off, len);
      if (n < 0) {
        // What is left is checked with the rest.
        raw.skip(Long.MAX_VALUE);
      }
      return n;
    }

    @Override
    public void close() throws IOException {
      try (raw) {
        in.close();
      }
    }
  }

  /** With a domain that every tool understands, and a tag. */
  private static String full(DockerReference name) {
    String host = name.host().equals(DockerReference.DEFAULT_HOST) ? "docker.io" : name.host();
    return host + "/" + name.repository() + ":" + name.tag().orElse(DockerReference.DEFAULT_TAG);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
