package rkt.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.FdStream;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.store.unpack.ArchiveException;
import rkt.store.unpack.ObservedSource;
import rkt.store.unpack.ObservedStream;
import rkt.store.unpack.Pipeline;
import rkt.store.unpack.TarReader;
import rkt.store.unpack.UnpackLimits;
import rkt.store.unpack.UnpackOptions;

/**
 * Rendered ACIs: {@code tree/ID/} with {@code rootfs}, {@code manifest}, {@code hash}, {@code
 * image} and {@code rendered}; a tree appears by one rename, after a flush.
 */
final class TreeStore {
  private static final int MAX_TEXT = 4096;

  private final Layout layout;
  private final Kernel kernel;

  TreeStore(Layout layout) {
    this.layout = layout;
    this.kernel = layout.kernel();
  }

  Path rootfs(String treeId) {
    return layout.tree(treeId).resolve(AciArchive.ROOTFS);
  }

  boolean isRendered(String treeId) throws IOException {
    return layout.exists(layout.tree(treeId).resolve(TreeDraft.RENDERED));
  }

  /** Renders a dependency list; a process that comes second waits for the first. */
  void render(String treeId, List<Dependencies.Node> images) throws EngineException {
    render(treeId, images, false);
  }

  /**
   * @param again also when there is a tree, which is damaged
   */
  void render(String treeId, List<Dependencies.Node> images, boolean again) throws EngineException {
    ImageId top = images.get(0).image().id();
    String attempted = "render image " + top;
    try {
      Lease lease = Lease.begin(layout);
      try (FileLock lock = FileLock.keyExclusive(kernel, layout.treeLock(treeId))) {
        if (again || !isRendered(treeId)) {
          render(lease, treeId, images);
        }
        lease.close();
      } catch (IOException | RuntimeException | EngineException e) {
        lease.closeAfter(e);
        throw e;
      }
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    }
  }

  private void render(Lease lease, String treeId, List<Dependencies.Node> images)
      throws IOException, EngineException {
    try (Writeback writeback = new Writeback(layout);
        TreeDraft draft = new TreeDraft(kernel, lease.temporary())) {
      long size = unpack(draft, images, writeback);
      draft.seal(images.get(0).image().id(), images.get(0).manifest(), size, writeback);
      publish(treeId, draft);
    }
  }

  /**
   * Takes a sealed tree that was made while its image was imported; when another process was
   * faster, its equal one is as good. The image is published before, so that gc knows the tree.
   */
  void adopt(String treeId, TreeDraft draft) throws IOException {
    try (FileLock lock = FileLock.keyExclusive(kernel, layout.treeLock(treeId))) {
      if (!isRendered(treeId)) {
        publish(treeId, draft);
      }
    }
  }

  private void publish(String treeId, TreeDraft draft) throws IOException {
    Path target = layout.tree(treeId);
    // Only what is not rendered, or damaged, can be there, and the lock is ours.
    kernel.removeTree(Consts.AT_FDCWD, target.toString());
    AtomicFiles.renameNew(kernel, draft.path(), target);
  }

  private long unpack(TreeDraft draft, List<Dependencies.Node> images, Writeback writeback)
      throws IOException, EngineException {
    Map<String, AciSelector.Claim> claimed = new HashMap<>();
    long size = 0;
    for (Dependencies.Node node : images) {
      AciSelector selector =
          new AciSelector(claimed, node.manifest().pathWhitelist(), node.upperWhitelist());
      size += unpack(draft, node.image().id(), selector, writeback);
      claimed.putAll(selector.provided());
    }
    return size;
  }

  /** Reads and hashes in this thread, unpacks in another. */
  private long unpack(TreeDraft draft, ImageId id, AciSelector selector, Writeback writeback)
      throws IOException, EngineException {
    MessageDigest hash = Hashes.sha512();
    Path blob = layout.aciBlob(id);
    UnpackLimits limits = UnpackLimits.DEFAULT.withMaxBytes(Long.MAX_VALUE);
    UnpackOptions options = new UnpackOptions(false, true, selector, limits);
    long bytes;
    try (Fd file = layout.openFile(blob);
        InputStream in = new FdStream(kernel, file)) {
      ObservedSource.Observer observer =
          (b, off, len) -> {
            hash.update(b, off, len);
            writeback.wrote(len);
          };
      ObservedStream observed = new ObservedStream(in, observer);
      try {
        bytes =
            Pipeline.run(
                observed,
                kernel.fstat(file.number()).size(),
                source ->
                    draft.unpacker(options).unpack(new TarReader(source, limits)).fileBytes());
      } catch (ArchiveException e) {
        // A blob that is not the image any more explains any other trouble with it.
        observed.drain();
        verify(id, hash);
        throw e;
      }
    }
    verify(id, hash);
    return bytes;
  }

  private static void verify(ImageId id, MessageDigest hash) throws EngineException {
    ImageId found = ImageId.sha512(Hashes.hex(hash.digest()));
    if (!found.equals(id)) {
      throw EngineException.of(
          ErrorCode.CORRUPT,
          "render image " + id,
          "image hash does not match expected (" + found + " != " + id + ")",
          "remove the image and fetch it again");
    }
  }

  /** Bytes in the files of a rendered tree; 0 when it is not rendered, or not for us to look at. */
  long size(String treeId) throws IOException {
    try {
      Path file = layout.tree(treeId).resolve(TreeDraft.SIZE);
      return Long.parseLong(SmallFiles.readText(kernel, file.toString(), MAX_TEXT).strip());
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.EACCES)) {
        return 0;
      }
      throw e;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Problems of a rendered tree; none when it is as it was rendered. */
  List<String> verify(String treeId) throws IOException {
    List<String> problems = new ArrayList<>();
    Path tree = layout.tree(treeId);
    String expected;
    try {
      expected =
          SmallFiles.readText(kernel, tree.resolve(TreeDraft.HASH).toString(), MAX_TEXT).strip();
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
      problems.add("cannot read hash file");
      return problems;
    }
    String found = TreeHash.like(expected, kernel, tree, TreeDraft.NOT_HASHED);
    if (!found.equals(expected)) {
      problems.add("wrong tree hash: " + found + ", expected: " + expected);
    }
    return problems;
  }
}
