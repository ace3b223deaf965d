package rkt.store.unpack;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.store.unpack.TarEntry.Segment;

/**
 * Unpacks one tar archive into a directory that nobody else can reach yet; see {@link ConfinedTree}
 * for why nothing lands outside. For one thread, once.
 *
 * <p>Later entries replace earlier ones: a directory keeps its content when it is stated again;
 * anything else is removed first, never written through (an existing symbolic link is not followed,
 * an existing hard link's other names keep their content).
 */
public final class TarUnpacker implements AutoCloseable {
  private static final int CREATE =
      Consts.O_WRONLY | Consts.O_CREAT | Consts.O_EXCL | Consts.O_NOFOLLOW | Consts.O_CLOEXEC;
  private static final int OPEN_DIR =
      Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW | Consts.O_CLOEXEC;
  private static final String OPAQUE = "trusted.overlay.opaque";
  private static final byte[] YES = {'y'};
  private static final int MAX_LINK_BYTES = 4095;

  private final Kernel kernel;
  private final int root;
  private final UnpackOptions options;
  private final ConfinedTree tree;
  private final FileAttributes attributes;
  private final @Nullable FileDigests digests;
  private final Set<String> seen = new HashSet<>();
  private boolean rootOpaque;
  private long entries;
  private long fileBytes;

  /**
   * @param root an open, empty directory; stays the caller's
   */
  public TarUnpacker(Kernel kernel, int root, UnpackOptions options) {
    this(kernel, root, options, null);
  }

  /**
   * @param digests notes the content of each file that is written
   */
  public TarUnpacker(
      Kernel kernel, int root, UnpackOptions options, @Nullable FileDigests digests) {
    this.digests = digests;
    this.kernel = kernel;
    this.root = root;
    this.options = options;
    this.tree = new ConfinedTree(kernel, root);
    this.attributes = new FileAttributes(kernel);
  }

  /** Unpacks to the archive's end and reads on to the end of its source. */
  public UnpackResult unpack(TarReader reader) throws IOException {
    try (tree) {
      TarEntry entry;
      while ((entry = reader.next()) != null) {
        unpack(entry, reader);
      }
      reader.drain();
      return finish();
    }
  }

  /** After the last entry. */
  public UnpackResult finish() throws IOException {
    tree.restoreTimes();
    return new UnpackResult(
        tree.implicitDirs(), rootOpaque, entries, fileBytes, attributes.dropped());
  }

  /** For those who call {@link #unpack(TarEntry, TarReader)} and {@link #finish} themselves. */
  @Override
  public void close() throws OsException {
    tree.close();
  }

  /** Unpacks the entry at which the reader stands. */
  public void unpack(TarEntry entry, TarReader reader) throws IOException {
    entries++;
    String listed = EntryPath.canonical(entry.name(), options.limits().maxDepth());
    if (options.refuseRepeats() && !seen.add(listed)) {
      throw ArchiveException.refused("duplicate entry in the archive: " + EntryPath.quote(listed));
    }
    String path = options.selector().place(listed, entry);
    if (path == null) {
      return;
    }
    Whiteout whiteout = options.overlayWhiteouts() ? Whiteout.of(path) : null;
    if (whiteout != null) {
      apply(whiteout);
      return;
    }
    if (path.isEmpty()) {
      // Replacing the root by a link would redirect all that follows (CVE-2021-29136).
      if (!entry.isDirectory()) {
        throw ArchiveException.refused("the archive's root is not a directory");
      }
      attributes.set(root, entry);
      tree.stated("", entry.modified());
      return;
    }
    int parent = tree.directory(EntryPath.parent(path));
    switch (entry.type()) {
      case REGULAR -> file(parent, path, entry, reader);
      case DIRECTORY -> directory(parent, path, entry);
      case SYMLINK -> symlink(parent, path, entry);
      case HARD_LINK -> hardLink(path, entry);
      case CHAR_DEVICE, BLOCK_DEVICE, FIFO -> node(parent, path, entry);
    }
  }

  private void file(int parent, String path, TarEntry entry, TarReader reader) throws IOException {
    String name = EntryPath.base(path);
    int fd;
    try {
      fd = kernel.openat(parent, name, CREATE, 0600);
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      tree.remove(parent, path);
      fd = kernel.openat(parent, name, CREATE, 0600);
    }
    try {
      int target = fd;
      if (entry.isSparse()) {
        reader.data(new SparseWriter(target, entry));
        kernel.ftruncate(fd, entry.size());
      } else if (digests != null) {
        digests.begin();
        reader.data((b, off, len) -> {
          kernel.write(target, b, off, len);
          digests.bytes(b, off, len);
        });
      } else {
        reader.data((b, off, len) -> kernel.write(target, b, off, len));
      }
      if (digests != null) {
        digests.end(kernel.fstat(fd).ino(), !entry.isSparse());
      }
      fileBytes += entry.storedSize();
      attributes.set(fd, entry);
      attributes.times(fd, entry);
    } finally {
      kernel.close(fd);
    }
  }

  private void directory(int parent, String path, TarEntry entry) throws IOException {
    String name = EntryPath.base(path);
    boolean hidesLower = false;
    try {
      kernel.mkdirat(parent, name, 0700);
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      Stat old = kernel.fstatat(parent, name, Consts.AT_SYMLINK_NOFOLLOW);
      if (!old.isDir()) {
        // A whiteout and a new directory of one name: the lower one must stay hidden.
        hidesLower = isWhiteout(old);
        tree.remove(parent, path);
        kernel.mkdirat(parent, name, 0700);
      }
    }
    int fd = kernel.openat(parent, name, OPEN_DIR, 0);
    tree.enter(path, fd);
    attributes.set(fd, entry);
    if (hidesLower) {
      kernel.fsetxattr(fd, OPAQUE, YES, 0);
    }
    tree.stated(path, entry.modified());
  }

  private void symlink(int parent, String path, TarEntry entry) throws IOException {
    String name = EntryPath.base(path);
    String target = entry.linkName();
    if (target.isEmpty() || target.indexOf(0) >= 0) {
      throw ArchiveException.refused(
          "symbolic link without a proper target: " + EntryPath.quote(path));
    }
    if (RawNames.byteLength(target) > MAX_LINK_BYTES) {
      throw ArchiveException.refused("target of symbolic link too long: " + EntryPath.quote(path));
    }
    // Where it points is the pod's affair: it is only ever followed inside the root.
    try {
      kernel.symlinkat(target, parent, name);
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      tree.remove(parent, path);
      kernel.symlinkat(target, parent, name);
    }
    attributes.setUnfollowed(parent, name, entry);
  }

  private void hardLink(String path, TarEntry entry) throws IOException {
    String listed = EntryPath.canonical(entry.linkName(), options.limits().maxDepth());
    String target = options.selector().linkTarget(listed);
    String name = EntryPath.base(path);
    if (target.isEmpty()) {
      throw ArchiveException.refused("hard link to the root: " + EntryPath.quote(path));
    }
    int targetParent = openTargetParent(path, target);
    try {
      int parent = tree.directory(EntryPath.parent(path));
      String targetName = EntryPath.base(target);
      try {
        kernel.linkat(targetParent, targetName, parent, name, 0);
      } catch (OsException e) {
        if (!e.is(Errno.EEXIST)) {
          throw linkFailure(e, path, target);
        }
        if (sameFile(targetParent, targetName, parent, name)) {
          return;
        }
        tree.remove(parent, path);
        try {
          kernel.linkat(targetParent, targetName, parent, name, 0);
        } catch (OsException again) {
          throw linkFailure(again, path, target);
        }
      }
    } finally {
      kernel.close(targetParent);
    }
  }

  private int openTargetParent(String path, String target) throws IOException {
    try {
      return tree.existing(EntryPath.parent(target));
    } catch (OsException e) {
      throw linkFailure(e, path, target);
    }
  }

  private boolean sameFile(int dirA, String a, int dirB, String b) throws OsException {
    try {
      Stat first = kernel.fstatat(dirA, a, Consts.AT_SYMLINK_NOFOLLOW);
      return first.sameFile(kernel.fstatat(dirB, b, Consts.AT_SYMLINK_NOFOLLOW));
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  private static IOException linkFailure(OsException e, String path, String target) {
    if (e.is(Errno.ENOENT)) {
      return new ArchiveException(
          ArchiveException.Fault.CORRUPT,
          "hard link "
              + EntryPath.quote(path)
              + " to "
              + EntryPath.quote(target)
              + ", which is not in the archive",
          e);
    }
    if (e.is(Errno.EPERM)) {
      return new ArchiveException(
          ArchiveException.Fault.REFUSED,
          "hard link " + EntryPath.quote(path) + " to a directory: " + EntryPath.quote(target),
          e);
    }
    return e;
  }

  private void node(int parent, String path, TarEntry entry) throws IOException {
    int type =
        switch (entry.type()) {
          case CHAR_DEVICE -> Consts.S_IFCHR;
          case BLOCK_DEVICE -> Consts.S_IFBLK;
          default -> Consts.S_IFIFO;
        };
    int major = 0;
    int minor = 0;
    if (type != Consts.S_IFIFO) {
      major = deviceNumber(entry.devMajor(), 0xfff, path);
      minor = deviceNumber(entry.devMinor(), 0xfffff, path);
      // overlayfs takes it for a whiteout, so an archive must not forge one.
      if (type == Consts.S_IFCHR && major == 0 && minor == 0) {
        throw ArchiveException.refused(
            "character device 0:0 is reserved for whiteouts: " + EntryPath.quote(path));
      }
    }
    String name = EntryPath.base(path);
    try {
      kernel.mknodat(parent, name, type | 0600, major, minor);
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      tree.remove(parent, path);
      kernel.mknodat(parent, name, type | 0600, major, minor);
    }
    attributes.setUnfollowed(parent, name, entry);
    // Follows links, but this name is the node just made, in a directory no one else can reach.
    kernel.fchmodat(parent, name, entry.mode());
  }

  private static int deviceNumber(long number, int max, String path) throws ArchiveException {
    if (number < 0 || number > max) {
      throw ArchiveException.corrupt("device number out of range: " + EntryPath.quote(path));
    }
    return (int) number;
  }

  private void apply(Whiteout whiteout) throws IOException {
    switch (whiteout) {
      case Whiteout.Bookkeeping ignored -> {
        // not content
      }
      case Whiteout.Opaque opaque -> {
        if (opaque.directory().isEmpty()) {
          rootOpaque = true;
        } else {
          kernel.fsetxattr(tree.directory(opaque.directory()), OPAQUE, YES, 0);
        }
      }
      case Whiteout.Hide hide -> hide(hide.path());
    }
  }

  private void hide(String path) throws IOException {
    int parent = tree.directory(EntryPath.parent(path));
    String name = EntryPath.base(path);
    try {
      kernel.mknodat(parent, name, Consts.S_IFCHR, 0, 0);
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      // It hides lower layers only, not this layer's own file, which hides them anyway.
      Stat own = kernel.fstatat(parent, name, Consts.AT_SYMLINK_NOFOLLOW);
      if (own.isDir()) {
        kernel.fsetxattr(tree.directory(path), OPAQUE, YES, 0);
      }
    }
  }

  static boolean isWhiteout(Stat stat) {
    return stat.isCharDevice() && stat.rdev() == 0;
  }

  /** Puts stored bytes where the sparse map says; what lies between stays a hole. */
  private final class SparseWriter implements TarReader.Sink {
    private final int fd;
    private final TarEntry entry;
    private int index;
    private long doneInSegment;

    SparseWriter(int fd, TarEntry entry) {
      this.fd = fd;
      this.entry = entry;
    }

    @Override
    public void bytes(byte[] b, int offset, int length) throws IOException {
      int from = offset;
      int left = length;
      while (left > 0) {
        Segment segment = entry.sparse().get(index);
        if (doneInSegment == segment.length()) {
          index++;
          doneInSegment = 0;
          continue;
        }
        if (doneInSegment == 0) {
          kernel.lseek(fd, segment.offset(), Consts.SEEK_SET);
        }
        int n = (int) Math.min(left, segment.length() - doneInSegment);
        kernel.write(fd, b, from, n);
        doneInSegment += n;
        from += n;
        left -= n;
      }
    }
  }
}
