package rkt.image.layout;

import java.io.IOException;
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
import rkt.schema.json.Json;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.MediaTypes;
import rkt.schema.oci.OciConfig;
import rkt.schema.oci.OciIndex;
import rkt.schema.oci.OciManifest;
import rkt.store.unpack.EntryNames;

/**
 * An OCI image layout (image-spec, "Image Layout Specification"): {@code oci-layout}, {@code
 * index.json} and {@code blobs/ALGORITHM/HEX}.
 */
final class OciLayout {
  static final String REF_NAME = "org.opencontainers.image.ref.name";

  private static final int MARKER_BYTES = 64 << 10;
  private static final int SHOWN = 20;

  private final LayoutFiles files;
  private final ManifestRules rules;
  private final String attempted;

  OciLayout(LayoutFiles files, ManifestRules rules) {
    this.files = files;
    this.rules = rules;
    this.attempted = rules.attempted();
  }

  /** One image of the layout. */
  FoundImage find(String ref, LayoutNaming naming) throws EngineException, IOException {
    OciIndex index = index();
    Descriptor entry = select(index, ref);
    List<Digest> digests = new ArrayList<>();
    Descriptor current = entry;
    byte[] bytes = document(current, ManifestRules.MANIFEST_BYTES);
    digests.add(current.digest());
    for (int depth = 0; isIndex(current, bytes); depth++) {
      rules.checkDepth(depth);
      current = rules.choose(OciIndex.parse(bytes));
      bytes = document(current, ManifestRules.MANIFEST_BYTES);
      digests.add(current.digest());
    }
    OciManifest manifest = rules.manifest(bytes);
    byte[] configBytes = document(manifest.config(), ManifestRules.CONFIG_BYTES);
    OciConfig config = rules.config(configBytes, manifest.layers().size());
    Map<Digest, String> places = new HashMap<>();
    for (Descriptor layer : manifest.layers()) {
      places.put(layer.digest(), blobPath(layer.digest()));
    }
    return new FoundImage(
        bytes,
        manifest,
        configBytes,
        config,
        places,
        naming.ofLayout(entry.annotations()),
        digests,
        index);
  }

  private OciIndex index() throws EngineException, IOException {
    byte[] marker = required("oci-layout", MARKER_BYTES, "it is no OCI image layout");
    String version = Json.parseObject(marker, "oci-layout").string("imageLayoutVersion");
    if (!version.startsWith("1.")) {
      throw EngineException.of(
          ErrorCode.UNSUPPORTED,
          attempted,
          "the layout has version " + EntryNames.quote(version) + ", rkt knows 1.0.0");
    }
    return OciIndex.parse(
        required("index.json", ManifestRules.MANIFEST_BYTES, "it is no OCI image layout"));
  }

  private byte[] required(String path, int limit, String otherwise)
      throws EngineException, IOException {
    Optional<LayoutFiles.Sized> file = files.open(path);
    if (file.isEmpty()) {
      throw EngineException.of(
          ErrorCode.INVALID, attempted, otherwise + ": the file " + path + " is missing");
    }
    try (LayoutFiles.Sized in = file.get()) {
      return Documents.read(in, limit, path);
    }
  }

  static String blobPath(Digest digest) {
    return "blobs/" + digest.algorithm() + "/" + digest.hex();
  }

  /** A small blob, its size and digest checked. */
  byte[] document(Descriptor blob, int limit) throws EngineException, IOException {
    Optional<LayoutFiles.Sized> file = files.open(blobPath(blob.digest()));
    if (file.isEmpty()) {
      throw EngineException.of(
          ErrorCode.CORRUPT, attempted, "blob " + blob.digest() + " is missing in the layout");
    }
    byte[] bytes;
    try (LayoutFiles.Sized in = file.get()) {
      bytes = Documents.read(in, limit, "blob " + blob.digest());
    }
    if (bytes.length != blob.size()) {
      throw EngineException.of(
          ErrorCode.CORRUPT,
          attempted,
          "blob "
              + blob.digest()
              + " has "
              + bytes.length
              + " bytes instead of the "
              + blob.size()
              + " announced");
    }
    Digest actual = Digests.of(blob.digest().algorithm(), bytes);
    if (!actual.equals(blob.digest())) {
      throw EngineException.of(
          ErrorCode.CORRUPT, attempted, "blob " + blob.digest() + " has the digest " + actual);
    }
    return bytes;
  }

  /** The descriptor says it, and the document may not disagree. */
  private static boolean isIndex(Descriptor descriptor, byte[] bytes) {
    if (MediaTypes.isIndex(descriptor.mediaType())) {
      return true;
    }
    // Parsing as a manifest refuses what has "manifests" in it.
    return !MediaTypes.isManifest(descriptor.mediaType())
        && MediaTypes.isIndex(
            Json.parseObject(bytes, "image manifest").optString("mediaType").orElse(""));
  }

  private Descriptor select(OciIndex index, String ref) throws EngineException {
    List<Descriptor> images = new ArrayList<>();
    for (Descriptor each : index.manifests()) {
      boolean wanted = ref.isEmpty() ? !LayoutSignatures.isAttached(each) : isCalled(each, ref);
      if (wanted && !images.contains(each)) {
        images.add(each);
      }
    }
    if (images.size() > 1 && ref.isEmpty()) {
      // Beside images with names, those without are referrers: signatures, attestations.
      List<Descriptor> named = new ArrayList<>(images);
      named.removeIf(each -> name(each).isEmpty());
      images = named.isEmpty() ? images : named;
    }
    if (images.size() == 1) {
      return images.get(0);
    }
    if (images.isEmpty()) {
      throw EngineException.of(
          ErrorCode.NOT_FOUND,
          attempted,
          ref.isEmpty()
              ? "there is no image in it"
              : "there is no image "
                  + EntryNames.quote(ref)
                  + " in it"
                  + Documents.but(others(index)));
    }
    // Several of one name, or of none, are one image for several platforms if each says for which.
    boolean onePerPlatform = true;
    for (Descriptor each : images) {
      String name = name(each);
      onePerPlatform &= each.platform().isPresent() && name.equals(name(images.get(0)));
    }
    if (onePerPlatform) {
      return rules.choose(new OciIndex(index.mediaType(), images, index.annotations()));
    }
    throw EngineException.of(
        ErrorCode.AMBIGUOUS,
        attempted,
        "there are " + images.size() + " images in it" + others(index),
        "name one of them after a colon");
  }

  private static String name(Descriptor image) {
    return image.annotations().getOrDefault(REF_NAME, "");
  }

  private static boolean isCalled(Descriptor image, String ref) {
    return name(image).equals(ref)
        || image.digest().toString().equals(ref)
        || ("@" + image.digest()).equals(ref);
  }

  /** The names there are, for a message. */
  private static String others(OciIndex index) {
    TreeSet<String> names = new TreeSet<>();
    for (Descriptor each : index.manifests()) {
      if (!LayoutSignatures.isAttached(each)) {
        String name = name(each);
        names.add(name.isEmpty() ? "@" + each.digest() : name);
      }
    }
    return Documents.listed(names, SHOWN);
  }
}
