package rkt.store;

import java.io.IOException;
import java.nio.file.Path;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.ImageId;
import rkt.schema.oci.Digest;

/** Where things are below the store's directory, and the making of those directories. */
record Layout(Path cas, Kernel kernel) {
  /** Members of group {@code rkt} read; only root writes. */
  static final int FILE_MODE = 0640;

  /** Hex digits in a layer's name: enough against accidents, short for mount options. */
  private static final int LAYER_DIGITS = 32;

  Path images() {
    return cas.resolve("image");
  }

  Path image(ImageId id) {
    return images().resolve(id.value() + ".json");
  }

  /** See {@link NameIndex}. */
  Path names() {
    return cas.resolve("name");
  }

  Path references() {
    return cas.resolve("ref");
  }

  Path aciBlobs() {
    return cas.resolve("blob/sha512");
  }

  Path aciBlob(ImageId id) {
    return aciBlobs().resolve(id.hex().substring(0, 2)).resolve(id.value());
  }

  Path manifests() {
    return cas.resolve("imageManifest");
  }

  Path manifest(ImageId id) {
    return manifests()
        .resolve(id.algorithm())
        .resolve(id.hex().substring(0, 2))
        .resolve(id.value());
  }

  Path ociBlobs() {
    return cas.resolve("oci");
  }

  Path ociBlob(Digest digest) {
    return ociBlobs().resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
  }

  Path layers() {
    return cas.resolve("layer");
  }

  Path layer(Digest diffId) {
    return layers().resolve(layerName(diffId));
  }

  static String layerName(Digest diffId) {
    return diffId.hex().substring(0, LAYER_DIGITS);
  }

  Path trees() {
    return cas.resolve("tree");
  }

  Path tree(String id) {
    return trees().resolve(id);
  }

  Path treeLock(String id) {
    return treeLocks().resolve(id);
  }

  Path treeLocks() {
    return cas.resolve("treestorelocks");
  }

  Path leases() {
    return cas.resolve("leases");
  }

  /** Shared: content is being pinned or published. Exclusive: gc decides what is garbage. */
  Path sweepLock() {
    return cas.resolve("sweep.lock");
  }

  /** Downloads that are not complete, see {@link PartialDownload}. */
  Path partials() {
    return cas.resolve("partial");
  }

  /** Locks of whole pulls, see {@link PullLock}. */
  Path imageLocks() {
    return cas.resolve("imagelocks");
  }

  /** Signatures and the like, one file per image. */
  Path evidences() {
    return cas.resolve("evidence");
  }

  Path evidence(ImageId id) {
    return evidences().resolve(id.value());
  }

  Path temporary() {
    return cas.resolve("tmp");
  }

  /** Makes what is missing; only writers call this, an absent store reads as an empty one. */
  void prepare() throws IOException {
    Path data = cas.getParent();
    if (data != null) {
      makeAll(data, 0755);
    }
    StoreDirectory directories = directories();
    directories.makeTop();
    for (Path dir :
        new Path[] {
          images(),
          references(),
          manifests(),
          ociBlobs(),
          leases(),
          names(),
          imageLocks(),
          evidences(),
          aciBlobs(),
          treeLocks()
        }) {
      directories.make(dir, StoreDirectory.SHARED).close();
    }
    // What is kept of a download becomes part of an image: nobody else may add to it.
    for (Path dir : new Path[] {layers(), trees(), temporary(), partials()}) {
      directories.make(dir, StoreDirectory.PRIVATE).close();
    }
    // What is unpacked here are trees of their own. ext4 would put them all where the last one was,
    // and without a journal it looks at each inode freed there in the last minutes before it takes
    // another: unpacking after a removal was five times slower.
    try (Fd dir = Fd.directory(kernel, temporary().toString())) {
      kernel.spreadChildren(dir.number());
    }
  }

  /** Makes the parent of a file that is about to appear, where only root can put it. */
  void prepareParent(Path file) throws IOException {
    Path dir = file.getParent();
    directories().make(dir == null ? cas : dir, StoreDirectory.SHARED).close();
  }

  StoreDirectory directories() {
    return new StoreDirectory(kernel, cas);
  }

  /** Opens a file below the store that must be a plain one of ours; ENOENT when it is not there. */
  Fd openFile(Path file) throws IOException {
    return directories().openFile(file);
  }

  byte[] readFile(Path file, int limit) throws IOException {
    try (Fd fd = openFile(file)) {
      return SmallFiles.read(kernel, fd, file.toString(), limit);
    }
  }

  boolean exists(Path path) throws OsException {
    try {
      kernel.fstatat(Consts.AT_FDCWD, path.toString(), Consts.AT_SYMLINK_NOFOLLOW);
      return true;
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return false;
      }
      throw e;
    }
  }

  private void makeAll(Path dir, int mode) throws OsException {
    if (exists(dir)) {
      return;
    }
    Path parent = dir.getParent();
    if (parent != null) {
      makeAll(parent, mode);
    }
    make(dir, mode);
  }

  /**
   * @return false when it was there
   */
  boolean make(Path dir, int mode) throws OsException {
    try {
      kernel.mkdirat(Consts.AT_FDCWD, dir.toString(), mode);
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      openDirectory(dir).close();
      return false;
    }
    // The umask took bits away. By descriptor: the name may be another's by now.
    try (Fd fd = openDirectory(dir)) {
      kernel.fchmod(fd.number(), mode);
    }
    return true;
  }

  private Fd openDirectory(Path dir) throws OsException {
    int flags = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;
    return Fd.open(kernel, dir.toString(), flags, 0);
  }
}
