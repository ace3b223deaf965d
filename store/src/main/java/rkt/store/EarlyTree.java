package rkt.store;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import rkt.os.OsException;
import rkt.schema.SchemaException;
import rkt.schema.appc.ImageManifest;
import rkt.store.unpack.ArchiveException;
import rkt.store.unpack.TarEntry;
import rkt.store.unpack.TarReader;
import rkt.store.unpack.TarUnpacker;
import rkt.store.unpack.UnpackLimits;
import rkt.store.unpack.UnpackOptions;

/**
 * The tree of an ACI, made from the bytes that are being imported rather than from the stored ones
 * afterwards. Only an image that stands for itself has such a tree: with dependencies or a
 * whitelist, which may come last in the archive, it is given up.
 *
 * <p>Nothing here makes an import fail. What cannot be unpacked may be of no importance (a
 * whitelist leaves it out), and if it is not, then {@link TreeStore#render} meets it again and says
 * so.
 */
final class EarlyTree implements AciArchive.Content, AutoCloseable {
  private final @Nullable TreeDraft draft;
  private final @Nullable TarUnpacker unpacker;
  private final Predicate<ImageManifest> useless;
  private boolean open;
  private long size;

  /**
   * @param draft empty to unpack nothing
   * @param useless tells by the manifest when unpacking would be for nothing
   */
  EarlyTree(Optional<TreeDraft> draft, UnpackLimits limits, Predicate<ImageManifest> useless) {
    AciSelector all = new AciSelector(Map.of(), List.of(), List.of());
    this.draft = draft.orElse(null);
    // AciArchive has seen to repeated entries.
    UnpackOptions options = new UnpackOptions(false, false, all, limits);
    this.unpacker = draft.map(made -> made.unpacker(options)).orElse(null);
    this.useless = useless;
    this.open = draft.isPresent();
  }

  @Override
  public void manifest(byte[] json) {
    if (!open) {
      return;
    }
    try {
      ImageManifest manifest = ImageManifest.parse(json);
      if (!stands(manifest) || useless.test(manifest)) {
        giveUp();
      }
    } catch (SchemaException e) {
      // The import will report it.
      giveUp();
    }
  }

  private static boolean stands(ImageManifest manifest) {
    return manifest.dependencies().isEmpty() && manifest.pathWhitelist().isEmpty();
  }

  @Override
  public void rootfs(TarEntry entry, TarReader reader) throws IOException {
    if (!open || unpacker == null) {
      return;
    }
    try {
      unpacker.unpack(entry, reader);
    } catch (ArchiveException | OsException e) {
      // Trouble with the archive itself, which the reader meets again, or with unpacking it. An
      // earlier stage of the pipeline breaks off in another way, and that goes on.
      giveUp();
    }
  }

  /** After the last entry, once the archive is known to be whole. */
  void end() throws IOException {
    if (open && unpacker != null) {
      try {
        size = unpacker.finish().fileBytes();
      } catch (ArchiveException | OsException e) {
        giveUp();
      }
    }
  }

  /** The unpacked tree, or empty when there is none to be used. */
  Optional<TreeDraft> complete() {
    return open ? Optional.ofNullable(draft) : Optional.empty();
  }

  /** Bytes in its files. */
  long size() {
    return size;
  }

  private void giveUp() {
    open = false;
    try {
      close();
      if (draft != null) {
        draft.discard();
      }
    } catch (OsException e) {
      // The end of the lease removes it, too, and reports why it cannot.
      return;
    }
  }

  @Override
  public void close() throws OsException {
    if (unpacker != null) {
      unpacker.close();
    }
    if (draft != null) {
      draft.close();
    }
  }
}
