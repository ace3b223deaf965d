package rkt.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.store.unpack.ArchiveException;

/**
 * The download of one blob, with the lock on it. Kept bytes are read again from the disk, so they
 * are hashed and unpacked like those that are still to come; these are appended as they arrive. The
 * file itself becomes the blob, by a rename, once its digest is right.
 *
 * <p>What turns out wrong is thrown away, and if it began with kept bytes (whose end a power loss
 * may have spoilt) it is tried once more from the first byte on. What a broken connection left
 * stays; a full disk gets it back.
 */
public final class PartialBlob implements AutoCloseable {
  private final OciImport oci;
  private final OciBlobs blobs;
  private final Descriptor blob;
  private final PartialDownload partial;
  private boolean stored;

  PartialBlob(
      OciImport oci, OciBlobs blobs, Descriptor blob, PartialDownload partial, boolean stored) {
    this.oci = oci;
    this.blobs = blobs;
    this.blob = blob;
    this.partial = partial;
    this.stored = stored;
  }

  static String key(Descriptor blob) {
    return "blob-" + blob.digest().algorithm() + "-" + blob.digest().hex();
  }

  /** Bytes that need not be downloaded. */
  public long have() throws EngineException {
    try {
      return stored ? blob.size() : Math.min(partial.size(), blob.size());
    } catch (IOException e) {
      throw StoreFailures.of("look for blob " + blob.digest(), e);
    }
  }

  /** Whether the whole blob is in the store, perhaps since another process has downloaded it. */
  public boolean stored() {
    return stored;
  }

  /** Downloads what is missing, and stores the blob. */
  public void write(ResumableSource source) throws EngineException {
    if (!stored) {
      transfer(source, verified -> {});
    }
  }

  /** Downloads what is missing, stores the blob and unpacks it in the same pass. */
  public void unpack(Digest diffId, ResumableSource source) throws EngineException {
    if (stored && unpackedStored(diffId)) {
      return;
    }
    try {
      if (oci.pinLayer(diffId)) {
        write(source);
        return;
      }
    } catch (IOException e) {
      throw StoreFailures.of("look for layer " + blob.digest(), e);
    }
    Path[] target = new Path[1];
    transfer(source, verified -> target[0] = oci.unpackAside(blob, diffId, verified));
    oci.remember(diffId, target[0]);
  }

  /**
   * @return false when the stored blob was damaged, and is gone
   */
  private boolean unpackedStored(Digest diffId) throws EngineException {
    try {
      oci.unpackStored(blob, diffId);
      return true;
    } catch (EngineException e) {
      stored = oci.hasBlob(blob);
      if (stored || e.code() != ErrorCode.CORRUPT) {
        throw e;
      }
      return false;
    }
  }

  private void transfer(ResumableSource source, OciBlobs.Use use) throws EngineException {
    try {
      if (partial.size() > blob.size()) {
        partial.reset();
      }
      boolean resumed = partial.size() > 0;
      if (!attempt(source, use, resumed)) {
        attempt(source, use, false);
      }
      partial.kernel().fchmod(partial.fd().number(), Layout.FILE_MODE);
      oci.publish(partial.path(), blob);
      stored = true;
    } catch (IOException e) {
      throw StoreFailures.of("store blob " + blob.digest(), e);
    }
  }

  /**
   * @return false when it was wrong and the kept bytes may be to blame
   */
  private boolean attempt(ResumableSource source, OciBlobs.Use use, boolean resumed)
      throws IOException {
    Feed feed = new Feed(source);
    try (feed) {
      OciBlobs.verifying(blob, feed, feed::keep, use);
    } catch (ArchiveException e) {
      if (feed.endedEarly()) {
        throw e;
      }
      partial.reset();
      if (!resumed) {
        throw e;
      }
      return false;
    } catch (OsException e) {
      if (e.is(Errno.ENOSPC) || e.is(Errno.EDQUOT)) {
        partial.reset();
      }
      throw e;
    }
    return true;
  }

  @Override
  public void close() throws EngineException {
    partial.close();
  }

  /** The kept bytes, then those of the source. */
  private final class Feed extends InputStream {
    private final ResumableSource source;
    private final InputStream kept;
    private final byte[] one = new byte[1];
    private @Nullable InputStream rest;
    private long position;
    private boolean ended;

    Feed(ResumableSource source) {
      this.source = source;
      this.kept = partial.read();
    }

    /** Whether the source stopped before the blob was complete: what came may be right. */
    boolean endedEarly() {
      return ended && position < blob.size();
    }

    @Override
    public int read() throws IOException {
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
      InputStream in = rest;
      if (in == null) {
        int n = kept.read(b, off, len);
        if (n >= 0) {
          position += n;
          return n;
        }
        if (position == blob.size()) {
          return -1;
        }
        in = open();
      }
      int n = in.read(b, off, len);
      ended = n < 0;
      position += Math.max(n, 0);
      return n;
    }

    private InputStream open() throws IOException {
      Kernel kernel = partial.kernel();
      kernel.lseek(partial.fd().number(), position, Consts.SEEK_SET);
      try {
        rest = source.open(position);
        return rest;
      } catch (EngineException e) {
        throw new IOException(e.getMessage(), e);
      }
    }

    void keep(byte[] b, int off, int len) throws IOException {
      if (rest != null) {
        partial.kernel().write(partial.fd().number(), b, off, len);
      }
    }

    @Override
    public void close() throws IOException {
      if (rest != null) {
        rest.close();
      }
    }
  }
}
