package rkt.image.layout;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.SchemaException;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.unpack.Selector;
import rkt.store.unpack.StreamSource;
import rkt.store.unpack.TarReader;
import rkt.store.unpack.TarUnpacker;
import rkt.store.unpack.UnpackLimits;
import rkt.store.unpack.UnpackOptions;

/**
 * Unpacks a stored image into a directory of the user's: {@code manifest} and {@code rootfs/}, or
 * the root file system alone.
 */
public final class ImageUnpacking {
  private static final String ROOTFS = "rootfs";

  /**
   * Set-user-ID programs of the image belong to whom the image says, also to root: nobody but the
   * owner of the directory may reach them.
   */
  private static final int PRIVATE = 0700;

  private final ImageStore store;
  private final Kernel kernel;
  private final Path dataDir;

  /**
   * @param dataDir rkt's own, which no output may replace
   */
  public ImageUnpacking(ImageStore store, Kernel kernel, Path dataDir) {
    this.store = store;
    this.kernel = kernel;
    this.dataDir = dataDir;
  }

  /** What is in this image alone; an OCI image has no others. */
  public void extract(ImageRecord image, Path output, boolean overwrite, boolean rootfsOnly)
      throws EngineException {
    boolean aci = image.kind() == ImageRecord.Kind.ACI;
    into(
        "extract image " + image.id(),
        output,
        overwrite,
        rootfsOnly,
        directory -> {
          if (aci) {
            untar(image, directory);
          } else {
            merged(image, directory);
          }
        });
  }

  /** What a pod would see: dependencies and layers merged. */
  public void render(ImageRecord image, Path output, boolean overwrite, boolean rootfsOnly)
      throws EngineException {
    into(
        "render image " + image.id(),
        output,
        overwrite,
        rootfsOnly,
        directory -> merged(image, directory));
  }

  /** Fills an empty directory. */
  private interface Content {
    void fill(Path directory) throws IOException, EngineException;
  }

  private void into(
      String attempted, Path output, boolean overwrite, boolean rootfsOnly, Content content)
      throws EngineException {
    try (OutputDirectory directory =
        OutputDirectory.begin(kernel, attempted, output, overwrite, dataDir)) {
      content.fill(directory.path());
      directory.publish(rootfsOnly ? ROOTFS : "", PRIVATE);
    } catch (SchemaException e) {
      throw EngineException.of(attempted, e);
    } catch (IOException e) {
      throw OutputFailures.of(attempted, e);
    }
  }

  private void untar(ImageRecord image, Path directory) throws IOException, EngineException {
    UnpackLimits limits = UnpackLimits.DEFAULT.withMaxBytes(Long.MAX_VALUE);
    UnpackOptions options = new UnpackOptions(false, true, Selector.ALL, limits);
    try (InputStream in = store.openAci(image);
        Fd root = Fd.directory(kernel, directory.toString())) {
      new TarUnpacker(kernel, root.number(), options)
          .unpack(new TarReader(new StreamSource(in), limits));
    }
    // Not every archive has an entry for it.
    Path rootfs = directory.resolve(ROOTFS);
    if (!Files.isDirectory(rootfs, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      kernel.mkdirat(Consts.AT_FDCWD, rootfs.toString(), 0755);
    }
  }

  private void merged(ImageRecord image, Path directory) throws IOException, EngineException {
    store.copyRootfs(image, directory.resolve(ROOTFS));
    byte[] manifest = store.manifestBytes(image);
    int flags = Consts.O_WRONLY | Consts.O_CREAT | Consts.O_EXCL | Consts.O_NOFOLLOW;
    String file = directory.resolve("manifest").toString();
    try (Fd out = Fd.open(kernel, file, flags, 0700)) {
      kernel.write(out.number(), manifest, 0, manifest.length);
      kernel.fchmod(out.number(), 0700);
    }
  }
}
