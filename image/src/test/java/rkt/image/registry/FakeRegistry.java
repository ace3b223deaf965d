package rkt.image.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import rkt.image.oci.Digests;
import rkt.schema.oci.Digest;

/**
 * Enough of a registry to pull from: blobs and manifests in memory, served over a {@link
 * ScriptedServer}.
 */
public final class FakeRegistry implements ScriptedServer.Script {
  private final Map<String, byte[]> blobs = new HashMap<>();
  private final Map<String, byte[]> manifests = new HashMap<>();
  private final Map<String, String> types = new HashMap<>();

  @Override
  public void answer(ScriptedServer.Request request, OutputStream out) throws IOException {
    String name = request.target().substring(request.target().lastIndexOf('/') + 1);
    byte[] body = request.target().contains("/manifests/") ? manifests.get(name) : blobs.get(name);
    if (body == null) {
      ScriptedServer.reply(out, 404, "application/json", new byte[0]);
    } else {
      ScriptedServer.reply(out, 200, types.getOrDefault(name, "application/octet-stream"), body);
    }
  }

  public byte[] blob(Digest digest) {
    byte[] content = blobs.get(digest.toString());
    if (content == null) {
      throw new IllegalArgumentException("no blob " + digest);
    }
    return content;
  }

  public Digest addBlob(byte[] content) {
    Digest digest = Digests.of("sha256", content);
    blobs.put(digest.toString(), content);
    return digest;
  }

  /** Replaces what is served under a digest by something else. */
  public void corrupt(Digest digest, byte[] content) {
    blobs.put(digest.toString(), content);
  }

  public void remove(Digest digest) {
    blobs.remove(digest.toString());
  }

  public Digest addManifest(String tag, String type, String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    Digest digest = Digests.of("sha256", bytes);
    for (String name : new String[] {tag, digest.toString()}) {
      manifests.put(name, bytes);
      types.put(name, type);
    }
    return digest;
  }

  /** One image of one file per layer. */
  public Digest addImage(String tag, String platform, Layer... layers) {
    StringBuilder diffIds = new StringBuilder();
    StringBuilder descriptors = new StringBuilder();
    for (Layer layer : layers) {
      diffIds
          .append(diffIds.isEmpty() ? "" : ",")
          .append('"')
          .append(Digests.of("sha256", layer.tar()))
          .append('"');
      Digest digest = addBlob(layer.packed());
      descriptors
          .append(descriptors.isEmpty() ? "" : ",")
          .append(descriptor(layer.mediaType(), digest, layer.packed().length, ""));
    }
    String[] parts = platform.split("/", -1);
    byte[] config =
        ("{\"os\":\""
                + parts[0]
                + "\",\"architecture\":\""
                + parts[1]
                + "\",\"config\":{\"Cmd\":[\"/bin/true\"]},"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                + diffIds
                + "]}}")
            .getBytes(StandardCharsets.UTF_8);
    String json =
        "{\"schemaVersion\":2,\"config\":"
            + descriptor(
                "application/vnd.oci.image.config.v1+json", addBlob(config), config.length, "")
            + ",\"layers\":["
            + descriptors
            + "]}";
    return addManifest(tag, "application/vnd.oci.image.manifest.v1+json", json);
  }

  /** The size of a manifest, for indexes. */
  public int manifestSize(Digest digest) {
    byte[] bytes = manifests.get(digest.toString());
    return bytes == null ? 0 : bytes.length;
  }

  /**
   * One descriptor as JSON.
   *
   * @param platform OS/ARCHITECTURE, or empty
   */
  public static String descriptor(String type, Digest digest, long size, String platform) {
    String[] parts = platform.split("/", -1);
    String at =
        platform.isEmpty()
            ? ""
            : ",\"platform\":{\"os\":\"" + parts[0] + "\",\"architecture\":\"" + parts[1] + "\"}";
    return "{\"mediaType\":\""
        + type
        + "\",\"digest\":\""
        + digest
        + "\",\"size\":"
        + size
        + at
        + "}";
  }

  /** A layer and how it travels. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Layer(String mediaType, byte[] tar, byte[] packed) {
    public static Layer gzip(byte[] tar) throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (OutputStream gzip = new GZIPOutputStream(out)) {
        gzip.write(tar);
      }
      return new Layer("application/vnd.oci.image.layer.v1.tar+gzip", tar, out.toByteArray());
    }

    public static Layer zstd(byte[] tar) {
      return new Layer(
          "application/vnd.oci.image.layer.v1.tar+zstd",
          tar,
          com.github.luben.zstd.Zstd.compress(tar));
    }

    public static Layer plain(byte[] tar) {
      return new Layer("application/vnd.oci.image.layer.v1.tar", tar, tar);
    }
  }
}
