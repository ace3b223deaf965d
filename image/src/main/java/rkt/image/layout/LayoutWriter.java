package rkt.image.layout;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import rkt.image.oci.CosignManifests;
import rkt.image.oci.Digests;
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

  /**
   * An OCI image layout: manifest, configuration and layers byte for byte, and signatures where
   * cosign looks for them.
   */
  void oci() throws IOException, EngineException {
    Descriptor self =
        image.self(
            image.name().isPresent()
                ? Map.of(OciLayout.REF_NAME, full(image.name().get()))
                : Map.of());
    List<Descriptor> entries = new ArrayList<>();
    entries.add(self);
    Map<Digest, byte[]> documents = new LinkedHashMap<>();
    documents.put(self.digest(), image.manifest());
    documents.put(image.parsed().config().digest(), image.config());
    if (!image.signatures().isEmpty()) {
      CosignManifests.Written signed = CosignManifests.write(image.signatures());
      Digest digest = Digests.of(Digest.SHA256, signed.manifest());
      entries.add(
          new Descriptor(
              MediaTypes.OCI_MANIFEST,
              digest,
              signed.manifest().length,
              Optional.empty(),
              Map.of(OciLayout.REF_NAME, CosignManifests.tagOf(self.digest())),
              List.of()));
      documents.put(digest, signed.manifest());
      documents.put(Digests.of(Digest.SHA256, signed.config()), signed.config());
      for (byte[] payload : signed.payloads()) {
        documents.put(Digests.of(Digest.SHA256, payload), payload);
      }
    }
    sink.file("oci-layout", MARKER);
    sink.file("index.json", utf8(new OciIndex(MediaTypes.OCI_INDEX, entries, Map.of()).toJson()));
    sink.directory("blobs");
    Set<String> algorithms = new HashSet<>();
    for (Map.Entry<Digest, byte[]> document : documents.entrySet()) {
      directory(algorithms, document.getKey());
      sink.file(OciLayout.blobPath(document.getKey()), document.getValue());
    }
    for (Descriptor layer : image.distinctLayers()) {
      directory(algorithms, layer.digest());
      try (InputStream in = image.blobs().open(layer)) {
        sink.file(OciLayout.blobPath(layer.digest()), layer.size(), in);
      }
    }
  }

  private void directory(Set<String> made, Digest blob) throws IOException {
    if (made.add(blob.algorithm())) {
      sink.directory("blobs/" + blob.algorithm());
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
