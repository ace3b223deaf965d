package rkt.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.FdStream;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.store.unpack.ArchiveException;
import rkt.store.unpack.ObservedSource;
import rkt.store.unpack.ObservedStream;

/**
 * OCI blobs by digest. A blob is published before it is flushed (one flush per image is enough), so
 * after a power loss a blob that no image refers to may be damaged: whoever reads one verifies it.
 */
final class OciBlobs {
  private final Layout layout;
  private final Kernel kernel;

  OciBlobs(Layout layout) {
    this.layout = layout;
    this.kernel = layout.kernel();
  }

  boolean has(Digest digest, long size) throws IOException {
    StoreDirectory directories = layout.directories();
    Path file = layout.ociBlob(digest);
    try (Fd dir = directories.open(parent(file))) {
      Stat stat = kernel.fstatat(dir.number(), digest.hex(), Consts.AT_SYMLINK_NOFOLLOW);
      // Another's file is replaced, like a damaged one.
      return stat.isRegular() && stat.size() == size && directories.owns(stat);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  private Path parent(Path file) {
    Path parent = file.getParent();
    return parent == null ? layout.ociBlobs() : parent;
  }

  InputStream open(Digest digest) throws IOException {
    return new FdStream(kernel, layout.openFile(layout.ociBlob(digest)));
  }

  void discard(Digest digest) throws IOException {
    try (Fd dir = layout.directories().openToChange(parent(layout.ociBlob(digest)))) {
      kernel.removeTree(dir.number(), digest.hex());
    }
  }

  /** Uses a stream while it is verified. */
  interface Use {
    void run(InputStream verified) throws IOException;
  }

  /** Runs a use of the content, reads the rest of it, and then verifies size and digest. */
  static void verifying(Descriptor blob, InputStream in, ObservedSource.Observer copy, Use use)
      throws IOException {
    MessageDigest hash = Hashes.of(blob.digest());
    long[] count = {0};
    ObservedStream observed =
        new ObservedStream(
            in,
            (b, off, len) -> {
              count[0] += len;
              if (count[0] > blob.size()) {
                throw mismatch(blob, "is longer than the " + blob.size() + " bytes announced");
              }
              hash.update(b, off, len);
              copy.bytes(b, off, len);
            });
    try {
      use.run(observed);
    } catch (ArchiveException e) {
      // A blob that is not what its digest says explains any other trouble with its content.
      throw explain(blob, observed, hash, count, e);
    }
    observed.drain();
    check(blob, hash, count[0]);
  }

  private static IOException explain(
      Descriptor blob, ObservedStream in, MessageDigest hash, long[] count, ArchiveException e) {
    if (e.fault() != ArchiveException.Fault.CORRUPT
        || count[0] > blob.size()
        || blob.size() - count[0] > (64L << 20)) {
      return e;
    }
    try {
      in.drain();
      check(blob, hash, count[0]);
      return e;
    } catch (IOException better) {
      better.addSuppressed(e);
      return better;
    }
  }

  private static void check(Descriptor blob, MessageDigest hash, long count) throws IOException {
    if (count != blob.size()) {
      throw mismatch(blob, "has " + count + " bytes instead of the " + blob.size() + " announced");
    }
    String found = Hashes.hex(hash.digest());
    if (!found.equals(blob.digest().hex())) {
      throw mismatch(blob, "has the digest " + blob.digest().algorithm() + ":" + found);
    }
  }

  private static ArchiveException mismatch(Descriptor blob, String why) {
    return new ArchiveException(
        ArchiveException.Fault.CORRUPT, "blob " + blob.digest() + " " + why);
  }

  /** Publishes a verified file; an equal one that is there already is replaced. */
  void publish(Path temporary, Digest digest) throws IOException {
    Path target = layout.ociBlob(digest);
    try (Fd dir = layout.directories().make(parent(target), StoreDirectory.SHARED)) {
      kernel.renameat2(Consts.AT_FDCWD, temporary.toString(), dir.number(), digest.hex(), 0);
    }
  }
}
