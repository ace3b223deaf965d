package rkt.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.ImageId;
import rkt.schema.appc.ImageManifest;
import rkt.store.unpack.FileDigests;
import rkt.store.unpack.TarUnpacker;
import rkt.store.unpack.UnpackOptions;

/**
 * The tree of an ACI while it is made, in a temporary place of its writer's lease: {@code rootfs},
 * and, once sealed, {@code manifest}, {@code image}, {@code size}, {@code hash} and {@code
 * rendered}.
 */
final class TreeDraft implements AutoCloseable {
  static final String HASH = "hash";
  static final String RENDERED = "rendered";
  static final String SIZE = "size";
  private static final String IMAGE = "image";
  static final Set<String> NOT_HASHED = Set.of(AciArchive.MANIFEST, HASH, RENDERED, IMAGE, SIZE);

  private final Kernel kernel;
  private final Path tree;
  private final Fd root;
  private final FileDigests digests = new FileDigests(Hashes.sha256());

  /**
   * @param tree where nothing is yet
   */
  TreeDraft(Kernel kernel, Path tree) throws OsException {
    this.kernel = kernel;
    this.tree = tree;
    kernel.mkdirat(Consts.AT_FDCWD, tree.toString(), 0700);
    Path rootfs = tree.resolve(AciArchive.ROOTFS);
    kernel.mkdirat(Consts.AT_FDCWD, rootfs.toString(), 0755);
    this.root = Fd.directory(kernel, rootfs.toString());
    kernel.fchmod(root.number(), 0755);
    kernel.fchown(root.number(), kernel.geteuid(), kernel.getegid());
  }

  Path path() {
    return tree;
  }

  TarUnpacker unpacker(UnpackOptions options) {
    return new TarUnpacker(kernel, root.number(), options, digests);
  }

  /** Completes the tree; when this returns, all that was written before is on the disk. */
  void seal(ImageId top, ImageManifest manifest, long size, Writeback writeback)
      throws IOException {
    write(AciArchive.MANIFEST, manifest.toJson().getBytes(StandardCharsets.UTF_8));
    write(IMAGE, ascii(top.value()));
    write(SIZE, ascii(Long.toString(size)));
    write(RENDERED, new byte[0]);
    // The disk works while the tree is hashed.
    writeback.wrote(Writeback.STEP);
    write(HASH, ascii(TreeHash.of(kernel, tree, NOT_HASHED, digests)));
    writeback.flush();
  }

  /** Removes what there is of it. */
  void discard() throws OsException {
    close();
    kernel.removeTree(Consts.AT_FDCWD, tree.toString());
  }

  @Override
  public void close() throws OsException {
    root.close();
  }

  private void write(String name, byte[] bytes) throws OsException {
    int flags = Consts.O_WRONLY | Consts.O_CREAT | Consts.O_EXCL;
    try (Fd fd = Fd.open(kernel, tree.resolve(name).toString(), flags, 0600)) {
      kernel.write(fd.number(), bytes, 0, bytes.length);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
