package rkt.store;

import java.nio.file.Path;
import java.util.OptionalInt;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Users;
import rkt.schema.ImageId;
import rkt.schema.oci.Digest;

/** Where things are below the store's directory, and the making of those directories. */
record Layout(Path cas, Kernel kernel) {
  static final int FILE_MODE = 0660;

  /** Set-gid, so that files belong to the group of the data directory (group {@code rkt}). */
  private static final int SHARED_DIR = 02770;

  /**
   * The same and sticky: members of the group may add, but not put a directory of theirs in the
   * place of {@code tree}, {@code layer} or {@code tmp}, where root unpacks what root will run.
   */
  private static final int TOP_DIR = 03770;

  private static final String GROUP = "rkt";

  /**
   * Trees hold set-uid programs of images, so only root may look inside (CVE-2021-41091: Docker's
   * were reachable for every user of the host).
   */
  private static final int PRIVATE_DIR = 0700;

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
  void prepare() throws OsException {
    Path data = cas.getParent();
    if (data != null) {
      makeAll(data, 0755);
    }
    makeShared(cas, TOP_DIR);
    for (Path dir :
        new Path[] {
          images(),
          references(),
          manifests(),
          ociBlobs(),
          leases(),
          names(),
          imageLocks(),
          evidences()
        }) {
      makeShared(dir, SHARED_DIR);
    }
    makeShared(cas.resolve("blob"), SHARED_DIR);
    makeShared(aciBlobs(), SHARED_DIR);
    makeShared(treeLocks(), SHARED_DIR);
    make(layers(), PRIVATE_DIR);
    make(trees(), PRIVATE_DIR);
    make(temporary(), PRIVATE_DIR);
    // What is kept of a download becomes part of an image: nobody else may add to it.
    make(partials(), PRIVATE_DIR);
    // What is unpacked here are trees of their own. ext4 would put them all where the last one was,
    // and without a journal it looks at each inode freed there in the last minutes before it takes
    // another: unpacking after a removal was five times slower.
    try (Fd dir = Fd.directory(kernel, temporary().toString())) {
      kernel.spreadChildren(dir.number());
    }
  }

  /** Makes the parent of a file that is about to appear. */
  void prepareParent(Path file) throws OsException {
    Path dir = file.getParent();
    if (dir == null || exists(dir)) {
      return;
    }
    prepareParent(dir);
    make(dir, SHARED_DIR);
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

  boolean makeShared(Path dir) throws OsException {
    return make(dir, SHARED_DIR);
  }

  /** Members of group {@code rkt}, where there is one, may list images. */
  private void makeShared(Path dir, int mode) throws OsException {
    if (!make(dir, mode) || kernel.geteuid() != 0) {
      return;
    }
    OptionalInt group = Users.host(kernel).groupId(GROUP);
    if (group.isPresent()) {
      String name = dir.toString();
      kernel.fchownat(Consts.AT_FDCWD, name, 0, group.getAsInt(), Consts.AT_SYMLINK_NOFOLLOW);
      kernel.fchmodat(Consts.AT_FDCWD, name, mode);
    }
  }

  /**
   * @return false when it was there
   */
  boolean make(Path dir, int mode) throws OsException {
    try {
      kernel.mkdirat(Consts.AT_FDCWD, dir.toString(), mode);
      // The umask took bits away, and mkdir(2) ignores set-gid.
      kernel.fchmodat(Consts.AT_FDCWD, dir.toString(), mode);
      return true;
    } catch (OsException e) {
      if (e.is(Errno.EEXIST)) {
        return false;
      }
      throw e;
    }
  }
}
