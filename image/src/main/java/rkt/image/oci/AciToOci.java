package rkt.image.oci;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import rkt.image.build.RootfsTar;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.appc.ImageManifest;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.MediaTypes;
import rkt.schema.oci.OciConfig;
import rkt.schema.oci.OciManifest;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;

/**
 * Makes an OCI image of a stored ACI: its root file system, dependencies rendered in, becomes one
 * layer, and its manifest the configuration ({@link AppcToConfig}).
 *
 * <p>The same ACI gives the same bytes: entries are sorted, nothing of the time and place of the
 * conversion gets in, and the gzip header that Java writes has neither name nor time.
 */
public final class AciToOci {
  private static final int BUFFER = 256 << 10;

  private final ImageStore store;
  private final Kernel kernel;

  public AciToOci(ImageStore store, Kernel kernel) {
    this.store = store;
    this.kernel = kernel;
  }

  /**
   * An image of one layer.
   *
   * @param diffId of the layer
   * @param layer the file that holds the layer's blob
   * @param lost parts of the ACI that an OCI image has no words for, for a message
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Converted(
      byte[] manifest,
      OciManifest parsed,
      byte[] config,
      Digest diffId,
      Path layer,
      List<String> lost) {
    public Converted {
      lost = List.copyOf(lost);
    }
  }

  /**
   * Converts.
   *
   * @param layerFile does not exist yet; the caller removes it, also after a failure
   */
  public Converted convert(ImageRecord aci, Path layerFile) throws EngineException {
    String attempted = "convert image " + aci.id() + " to OCI";
    ImageManifest manifest = store.manifest(aci);
    Path rootfs = store.rootfs(aci, true).lowerTopFirst().get(0);
    try {
      AppcToConfig appc = AppcToConfig.of(kernel, manifest, rootfs);
      MessageDigest diff = Digests.begin(Digest.SHA256);
      MessageDigest blob = Digests.begin(Digest.SHA256);
      try (OutputStream file =
              Files.newOutputStream(
                  layerFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          OutputStream gzip =
              new GZIPOutputStream(
                  new DigestOutputStream(new BufferedOutputStream(file, BUFFER), blob), BUFFER);
          OutputStream tar = new BufferedOutputStream(new DigestOutputStream(gzip, diff), BUFFER)) {
        RootfsTar.layer(kernel, rootfs, tar);
      }
      Digest diffId = Digests.end(Digest.SHA256, diff);
      Descriptor layer =
          new Descriptor(
              MediaTypes.OCI_LAYER_GZIP, Digests.end(Digest.SHA256, blob), Files.size(layerFile));
      byte[] config = utf8(config(appc, aci, diffId).toJson());
      OciManifest oci =
          new OciManifest(
              MediaTypes.OCI_MANIFEST,
              new Descriptor(
                  MediaTypes.OCI_CONFIG, Digests.of(Digest.SHA256, config), config.length),
              List.of(layer),
              Map.of());
      return new Converted(utf8(oci.toJson()), oci, config, diffId, layerFile, appc.lost());
    } catch (IOException e) {
      throw new EngineException(ErrorCode.SYSTEM, attempted, String.valueOf(e.getMessage()), "", e);
    } catch (SchemaException e) {
      throw EngineException.of(attempted, e);
    }
  }

  private static OciConfig config(AppcToConfig appc, ImageRecord aci, Digest diffId) {
    OciConfig.History history =
        new OciConfig.History(
            appc.created(),
            Optional.empty(),
            Optional.of("rkt: the root file system of " + aci.id()),
            Optional.empty(),
            false);
    return new OciConfig(
        appc.platform().architecture(),
        appc.platform().os(),
        appc.platform().variant(),
        appc.created(),
        appc.author(),
        appc.config(),
        new OciConfig.RootFs(List.of(diffId)),
        List.of(history));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
