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
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.Scratch;
import rkt.store.VerifyReport;

/**
 * Writes a stored image to a file or directory, in any of the {@link ExportType}s. The same image
 * gives the same bytes; an ACI as an ACI and an OCI image as OCI keep their IDs.
 */
public final class ImageExport {
  private static final String FILE_EXISTS = "output file exists (try --overwrite)";
  private static final String ACI_EXISTS = "output ACI file exists (try --overwrite)";

  /** Blobs are data: others may read a layout as they may read an exported file. */
  private static final int LAYOUT_MODE = 0755;

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
    try {
      if (type == ExportType.ACI && image.kind() == ImageRecord.Kind.ACI) {
        // Needs no room in the store: whoever may read it may export.
        file(attempted, output, overwrite, ACI_EXISTS, out -> copy(image, out));
        return;
      }
      try (Scratch scratch = store.scratch()) {
        convert(attempted, image, type, output, overwrite, scratch);
      }
    } catch (SchemaException e) {
      throw EngineException.of(attempted, e);
    } catch (IOException e) {
      throw OutputFailures.of(attempted, e);
    }
  }

  private void convert(
      String attempted,
      ImageRecord image,
      ExportType type,
      Path output,
      boolean overwrite,
      Scratch scratch)
      throws EngineException, IOException {
    switch (type) {
      case ACI ->
          file(attempted, output, overwrite, ACI_EXISTS, out -> aci(image, scratch.path(), out));
      case OCI -> {
        try (OutputDirectory directory =
            OutputDirectory.begin(kernel, attempted, output, overwrite, dataDir)) {
          new LayoutWriter(oci(image, scratch), LayoutSink.into(directory.path())).oci();
          directory.publish("", LAYOUT_MODE);
        }
      }
      case OCI_ARCHIVE ->
          file(
              attempted,
              output,
              overwrite,
              FILE_EXISTS,
              out -> {
                TarWriter tar = new TarWriter(out);
                new LayoutWriter(oci(image, scratch), LayoutSink.into(tar)).oci();
                tar.finish();
              });
      case DOCKER_ARCHIVE ->
          file(
              attempted,
              output,
              overwrite,
              FILE_EXISTS,
              out -> {
                TarWriter tar = new TarWriter(out);
                new LayoutWriter(oci(image, scratch), LayoutSink.into(tar)).docker();
                tar.finish();
              });
    }
  }

  private void file(
      String attempted, Path output, boolean overwrite, String exists, OutputFile.Content content)
      throws EngineException, IOException {
    try (OutputFile file = OutputFile.begin(kernel, attempted, output, overwrite, exists)) {
      file.publish(content);
    }
  }

  private void copy(ImageRecord image, OutputStream out) throws EngineException, IOException {
    try (InputStream in = store.openAci(image)) {
      in.transferTo(out);
    }
  }

  private void aci(ImageRecord image, Path rootfs, OutputStream out)
      throws EngineException, IOException {
    intact(image);
    store.copyRootfs(image, rootfs);
    RootfsTar.aci(kernel, store.manifestBytes(image), rootfs, out);
  }

  /** Trees are not looked at when they are used; what leaves the machine under a name is. */
  private void intact(ImageRecord image) throws EngineException {
    VerifyReport report = store.verify(image);
    if (!report.ok()) {
      throw EngineException.of(
          ErrorCode.CORRUPT,
          "convert image " + image.id(),
          String.join("; ", report.problems()),
          "\"rkt image verify --repair\" mends what can be mended");
    }
  }

  private ExportedImage oci(ImageRecord image, Scratch scratch) throws EngineException {
    if (image.kind() == ImageRecord.Kind.OCI) {
      return ExportedImage.stored(store, image);
    }
    intact(image);
    AciToOci.Converted converted = new AciToOci(store, kernel).convert(image, scratch.path());
    for (String part : converted.lost()) {
      diagnostics.warn("warning: the image's " + part + " have no place in an OCI image");
    }
    return ExportedImage.converted(converted, store.manifest(image));
  }
}
