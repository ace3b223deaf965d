package rkt.store;

import java.io.IOException;
import java.util.Optional;
import rkt.os.AtomicFiles;
import rkt.os.Errno;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;

/** Signatures and the like beside an image: opaque bytes, one file per image. */
final class Evidence {
  private static final int MAX_BYTES = 16 << 20;

  private final Layout layout;
  private final Kernel kernel;

  Evidence(Layout layout) {
    this.layout = layout;
    this.kernel = layout.kernel();
  }

  /** Replaces what is kept by what the merge makes of it; no other process does so meanwhile. */
  void update(ImageId id, ImageStore.EvidenceMerge merge) throws EngineException {
    String attempted = "keep the signatures of image " + id;
    try {
      layout.prepare();
      updateLocked(attempted, id, merge);
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    }
  }

  private void updateLocked(String attempted, ImageId id, ImageStore.EvidenceMerge merge)
      throws IOException, EngineException {
    try (FileLock sweep = FileLock.keyShared(kernel, layout.sweepLock());
        RecordLock alone = new RecordLock(layout, id)) {
      // Under the lock: an image that is there now keeps it, and without one it would be garbage.
      if (!layout.exists(layout.image(id))) {
        throw EngineException.of(
            ErrorCode.NOT_FOUND, attempted, "cannot find image with key: " + id);
      }
      byte[] bytes = merge.with(read(id).orElse(new byte[0]));
      if (bytes.length > MAX_BYTES) {
        throw EngineException.of(
            ErrorCode.REFUSED, attempted, "they are larger than " + MAX_BYTES + " bytes");
      }
      layout.prepareParent(layout.evidence(id));
      AtomicFiles.writeAtomically(kernel, layout.evidence(id), bytes, Layout.FILE_MODE);
    }
  }

  Optional<byte[]> read(ImageId id) throws EngineException {
    try {
      return Optional.of(layout.readFile(layout.evidence(id), MAX_BYTES));
    } catch (IOException e) {
      if (e instanceof OsException os && os.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw StoreFailures.of("read the signatures of image " + id, e);
    }
  }
}
