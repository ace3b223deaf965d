package rkt.image;

import java.io.IOException;
import java.io.InputStream;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.appc.ImageManifest;
import rkt.store.ImportOptions;
import rkt.store.unpack.ArchiveException;
import rkt.store.unpack.Compression;
import rkt.store.unpack.EntryNames;
import rkt.store.unpack.StreamSource;
import rkt.store.unpack.TarEntry;
import rkt.store.unpack.TarReader;
import rkt.store.unpack.UnpackLimits;

/**
 * Looks for the name in an archive, because keys are trusted by name and the archive is judged
 * while it is imported. Nothing found here is believed: the import compares.
 */
final class AciName {
  private static final int MAX_MANIFEST_BYTES = 4 << 20;

  private AciName() {}

  /** Reads up to the manifest, which most tools put in front. */
  static String read(InputStream in, String origin) throws EngineException {
    String attempted = "import image " + origin;
    UnpackLimits limits = UnpackLimits.DEFAULT.withMaxBytes(ImportOptions.DEFAULT_MAX_BYTES);
    try (InputStream tar = Compression.openTar(in, origin)) {
      TarReader reader = new TarReader(new StreamSource(tar), limits);
      TarEntry entry;
      while ((entry = reader.next()) != null) {
        if (EntryNames.canonical(entry.name(), limits).equals("manifest")) {
          byte[] manifest = reader.data(MAX_MANIFEST_BYTES, "the image manifest");
          return ImageManifest.parse(manifest).name().value();
        }
      }
      throw EngineException.of(ErrorCode.CORRUPT, attempted, "missing manifest");
    } catch (ArchiveException e) {
      throw new EngineException(
          ErrorCode.CORRUPT, attempted, String.valueOf(e.getMessage()), "", e);
    } catch (IOException e) {
      throw new EngineException(
          ErrorCode.CORRUPT, attempted, String.valueOf(e.getMessage()), "", e);
    } catch (SchemaException e) {
      throw EngineException.of(attempted, e);
    }
  }
}
