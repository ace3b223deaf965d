package rkt.image.layout;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import rkt.image.Diagnostics;
import rkt.image.build.RootfsTar;
import rkt.image.build.TarWriter;
import rkt.image.oci.AciToOci;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.Scratch;

/**
 * Writes a stored image to a file or directory, in any of the {@link ExportType}s. The same image
 * gives the same bytes; an ACI as an ACI and an OCI image as OCI keep their IDs.
 */
public final class ImageExport {
  private static final String FILE_EXISTS = "output file exists (try --overwrite)";
  private static final String ACI_EXISTS = "output ACI file exists (try --overwrite)";

  private final ImageStore store;
  private final Kernel kernel;
  private final Path dataDir;
  private final Diagnostics diagnostics;

  /**
   * @param dataDir rkt's own, which no output may replace
   */
  public ImageExport(ImageStore store, Kernel kernel, Path dataDir, Diagnostics diagnostics) {
    this.store = store;
    this.kernel = kernel;
    this.dataDir = dataDir;
    this.diagnostics = diagnostics;
  }

  /**
   * Exports. Nothing is left of an output that failed.
   *
   * @throws EngineException CONFLICT when the output exists and may not be replaced, REFUSED when
   *     it must never be, CORRUPT when the stored image is damaged
   */
  public void export(ImageRecord image, ExportType type, Path output, boolean overwrite)
      throws EngineException {
    String attempted = "export image " + image.id();
    try (Scratch scratch = store.scratch()) {
      switch (type) {
        case ACI -> {
          try (OutputFile file =
              OutputFile.begin(kernel, attempted, output, overwrite, ACI_EXISTS)) {
            file.publish(out -> aci(image, scratch, out));
          }
        }
        case OCI -> {
          try (OutputDirectory directory =
              OutputDirectory.begin(kernel, attempted, output, overwrite, dataDir)) {
            new LayoutWriter(oci(image, scratch), LayoutSink.into(directory.path())).oci();
            directory.publish("");
          }
        }
        case OCI_ARCHIVE, DOCKER_ARCHIVE -> {
          try (OutputFile file =
              OutputFile.begin(kernel, attempted, output, overwrite, FILE_EXISTS)) {
            ExportedImage exported = oci(image, scratch);
            file.publish(out -> {
              TarWriter tar = new TarWriter(out);
              LayoutWriter writer = new LayoutWriter(exported, LayoutSink.into(tar));
              if (type == ExportType.OCI_ARCHIVE) {
                writer.oci();
              } else {
                writer.docker();
              }
              tar.finish();
            });
          }
        }
      }
    } catch (SchemaException e) {
      throw EngineException.of(attempted, e);
    } catch (IOException e) {
      throw OutputFailures.of(attempted, e);
    }
  }

  private void aci(ImageRecord image, Scratch scratch, OutputStream out)
      throws EngineException, IOException {
    if (image.kind() == ImageRecord.Kind.ACI) {
      try (InputStream in = store.openAci(image)) {
        in.transferTo(out);
      }
      return;
    }
    Path rootfs = scratch.path();
    store.copyRootfs(image, rootfs);
    RootfsTar.aci(kernel, store.manifestBytes(image), rootfs, out);
  }

  private ExportedImage oci(ImageRecord image, Scratch scratch) throws EngineException {
    if (image.kind() == ImageRecord.Kind.OCI) {
      return ExportedImage.stored(store, image);
    }
    AciToOci.Converted converted = new AciToOci(store, kernel).convert(image, scratch.path());
    for (String part : converted.lost()) {
      diagnostics.warn("warning: the image's " + part + " have no place in an OCI image");
    }
    return ExportedImage.converted(converted, store.manifest(image));
  }
}
