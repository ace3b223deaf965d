package rkt.image.layout;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import rkt.image.oci.Digests;
import rkt.image.oci.ManifestRules;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.DockerReference;
import rkt.schema.oci.DockerSaveManifest;
import rkt.schema.oci.MediaTypes;
import rkt.schema.oci.OciConfig;
import rkt.schema.oci.OciIndex;
import rkt.schema.oci.OciManifest;
import rkt.store.unpack.EntryNames;

/**
 * What {@code docker save} writes: {@code manifest.json}, which names a configuration and layers
 * for each image. There is no manifest with digests in it, so one is made: the same archive gives
 * the same manifest, and so the same image ID.
 *
 * <p>Layers are verified by the diff IDs of the configuration, whose digest is Docker's image ID.
 */
final class DockerArchive {
  private static final int SHOWN = 20;
  private static final int BUFFER = 256 << 10;

  private final LayoutFiles files;
  private final ManifestRules rules;
  private final String attempted;

  DockerArchive(LayoutFiles files, ManifestRules rules) {
    this.files = files;
    this.rules = rules;
    this.attempted = rules.attempted();
  }

  /** One image of the archive. */
  FoundImage find(String ref, LayoutNaming naming) throws EngineException, IOException {
    DockerSaveManifest table = DockerSaveManifest.parse(table());
    DockerSaveManifest.Entry entry = select(table, ref);
    byte[] configBytes;
    try (LayoutFiles.Sized in = file(entry.config())) {
      configBytes = Documents.read(in, ManifestRules.CONFIG_BYTES, entry.config());
    }
    OciConfig config = rules.config(configBytes, entry.layers().size());
    Map<Digest, String> places = new HashMap<>();
    List<Descriptor> layers = new ArrayList<>();
    for (int i = 0; i < entry.layers().size(); i++) {
      String path = entry.layers().get(i);
      Descriptor layer = layer(path, config.rootfs().diffIds().get(i));
      layers.add(layer);
      places.put(layer.digest(), path);
    }
    Digest configDigest = Digests.of(Digest.SHA256, configBytes);
    OciManifest manifest =
        new OciManifest(
            MediaTypes.OCI_MANIFEST,
            new Descriptor(MediaTypes.OCI_CONFIG, configDigest, configBytes.length),
            layers,
            Map.of());
    byte[] bytes = manifest.toJson().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    String name = ref.isEmpty() || ref.startsWith("@") ? first(entry.repoTags()) : ref;
    return new FoundImage(
        bytes,
        manifest,
        configBytes,
        config,
        places,
        naming.ofArchive(name),
        List.of(Digests.of(Digest.SHA256, bytes)),
        new OciIndex(MediaTypes.OCI_INDEX, List.of(), Map.of()));
  }

  private static String first(List<String> tags) {
    return tags.isEmpty() ? "" : tags.get(0);
  }

  private byte[] table() throws EngineException, IOException {
    Optional<LayoutFiles.Sized> file = files.open("manifest.json");
    if (file.isEmpty()) {
      boolean ancient = files.open("repositories").isPresent();
      boolean layout = files.open("oci-layout").isPresent();
      throw EngineException.of(
          ancient ? ErrorCode.UNSUPPORTED : ErrorCode.INVALID,
          attempted,
          ancient
              ? "the archive is of a Docker before 1.10: it has \"repositories\" and no manifest.json"
              : "it is no archive of docker save: the file manifest.json is missing",
          ancient
              ? "load it into a current Docker and save it again"
              : layout ? "it is an OCI layout: oci-archive: names one" : "");
    }
    try (LayoutFiles.Sized in = file.get()) {
      return Documents.read(in, ManifestRules.MANIFEST_BYTES, "manifest.json");
    }
  }

  private LayoutFiles.Sized file(String path) throws EngineException, IOException {
    return files
        .open(path)
        .orElseThrow(() ->
            EngineException.of(
                ErrorCode.CORRUPT,
                attempted,
                "the file " + EntryNames.quote(path) + " is missing in the archive"));
  }

  private DockerSaveManifest.Entry select(DockerSaveManifest table, String ref)
      throws EngineException {
    List<DockerSaveManifest.Entry> entries = table.entries();
    TreeSet<String> names = new TreeSet<>();
    for (int i = 0; i < entries.size(); i++) {
      List<String> tags = entries.get(i).repoTags();
      for (String tag : tags) {
        if (!ref.isEmpty() && canonical(tag).equals(canonical(ref))) {
          return entries.get(i);
        }
      }
      names.addAll(tags.isEmpty() ? List.of("@" + i) : tags);
      if (ref.equals("@" + i)) {
        return entries.get(i);
      }
    }
    if (ref.isEmpty() && entries.size() == 1) {
      return entries.get(0);
    }
    if (entries.isEmpty()) {
      throw EngineException.of(ErrorCode.NOT_FOUND, attempted, "there is no image in it");
    }
    String listed = Documents.listed(names, SHOWN);
    if (ref.isEmpty()) {
      throw EngineException.of(
          ErrorCode.AMBIGUOUS,
          attempted,
          "there are " + entries.size() + " images in it" + listed,
          "name one of them after a colon");
    }
    throw EngineException.of(
        ErrorCode.NOT_FOUND,
        attempted,
        "there is no image " + EntryNames.quote(ref) + " in it" + Documents.but(listed));
  }

  private static String canonical(String tag) {
    try {
      return DockerReference.parse(tag).canonical();
    } catch (SchemaException e) {
      return tag;
    }
  }

  /** An uncompressed layer's digest is known beforehand: it is the diff ID. */
  private Descriptor layer(String path, Digest diffId) throws EngineException, IOException {
    try (LayoutFiles.Sized in = file(path)) {
      byte[] head = in.readNBytes(4);
      boolean gzip = head.length > 1 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b;
      boolean zstd =
          head.length == 4
              && (head[0] & 0xff) == 0x28
              && (head[1] & 0xff) == 0xb5
              && head[2] == 0x2f
              && (head[3] & 0xff) == 0xfd;
      if (!gzip && !zstd) {
        return new Descriptor(MediaTypes.OCI_LAYER, diffId, in.size());
      }
      String type = gzip ? MediaTypes.OCI_LAYER_GZIP : MediaTypes.OCI_LAYER_ZSTD;
      MessageDigest hash = Digests.begin(Digest.SHA256);
      hash.update(head);
      byte[] block = new byte[BUFFER];
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        hash.update(block, 0, n);
      }
      return new Descriptor(type, Digests.end(Digest.SHA256, hash), in.size());
    }
  }
}
