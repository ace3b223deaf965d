package rkt.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.SchemaException;
import rkt.schema.oci.Digest;
import rkt.store.unpack.ArchiveException;
import rkt.store.unpack.BombGuard;
import rkt.store.unpack.Compression;
import rkt.store.unpack.ObservedSource;
import rkt.store.unpack.ObservedStream;
import rkt.store.unpack.Pipeline;
import rkt.store.unpack.TarReader;
import rkt.store.unpack.TarUnpacker;
import rkt.store.unpack.UnpackLimits;
import rkt.store.unpack.UnpackOptions;
import rkt.store.unpack.UnpackResult;

/** Unpacked OCI layers: {@code layer/NAME/fs} in overlayfs format beside {@code meta.json}. */
final class LayerStore {
  static final String FS = "fs";
  private static final String META = "meta.json";
  private static final int MAX_META_BYTES = 64 << 20;

  /** Small layers are unpacked by the thread that reads them; a guess at what gzip hides. */
  private static final int INFLATION = 8;

  private final Layout layout;
  private final Kernel kernel;

  LayerStore(Layout layout) {
    this.layout = layout;
    this.kernel = layout.kernel();
  }

  Path fs(Digest diffId) {
    return layout.layer(diffId).resolve(FS);
  }

  boolean has(Digest diffId) throws IOException {
    return meta(diffId).isPresent();
  }

  Optional<LayerMeta> meta(Digest diffId) throws IOException {
    return meta(layout.layer(diffId), diffId);
  }

  LayerMeta metaOf(Path layer, Digest diffId) throws IOException {
    return meta(layer, diffId)
        .orElseThrow(() -> new IOException("layer " + diffId + " is not unpacked"));
  }

  /** What removing a layer gives back: the bytes of its archive, or those found in it. */
  long bytes(Path layer) {
    try {
      return record(layer).size();
    } catch (IOException | SchemaException e) {
      return TreeSize.of(kernel, layer);
    }
  }

  private LayerMeta record(Path layer) throws IOException {
    String path = layer.resolve(META).toString();
    return LayerMeta.parse(SmallFiles.read(kernel, path, MAX_META_BYTES), "layer record " + path);
  }

  private Optional<LayerMeta> meta(Path layer, Digest diffId) throws IOException {
    String path = layer.resolve(META).toString();
    LayerMeta meta;
    try {
      meta = record(layer);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    } catch (SchemaException e) {
      throw new IOException("damaged layer record " + path + ": " + e.getMessage(), e);
    }
    if (!meta.diffId().equals(diffId)) {
      // Two digests with equal first halves: nobody can find those today, so somebody edited it.
      throw new IOException("layer " + path + " is of " + meta.diffId() + ", not of " + diffId);
    }
    return Optional.of(meta);
  }

  /**
   * Unpacks an archive to a new directory below {@code tmp/}: read, hash, inflate in this thread,
   * hash and unpack in another.
   *
   * @param compressedBytes expected length of the input
   * @param image told of each block; bounds what the layers of one image are together
   */
  void unpack(
      Path target,
      Digest diffId,
      InputStream in,
      long compressedBytes,
      UnpackLimits limits,
      ObservedSource.Observer image)
      throws IOException {
    kernel.mkdirat(Consts.AT_FDCWD, target.toString(), 0700);
    Path fs = target.resolve(FS);
    kernel.mkdirat(Consts.AT_FDCWD, fs.toString(), 0755);
    ObservedStream counted = new ObservedStream(in, (b, off, len) -> {});
    MessageDigest hash = Hashes.of(diffId);
    BombGuard guard = new BombGuard(limits.maxBytes(), counted::count);
    UnpackResult result;
    try (Fd root = Fd.directory(kernel, fs.toString());
        InputStream tar = Compression.openTar(counted, "the layer")) {
      kernel.fchmod(root.number(), 0755);
      kernel.fchown(root.number(), kernel.geteuid(), kernel.getegid());
      result =
          Pipeline.run(
              tar,
              compressedBytes * INFLATION,
              source -> {
                ObservedSource.Observer observer =
                    (b, off, len) -> {
                      guard.bytes(b, off, len);
                      image.bytes(b, off, len);
                      hash.update(b, off, len);
                    };
                TarReader reader = new TarReader(new ObservedSource(source, observer), limits);
                return new TarUnpacker(kernel, root.number(), UnpackOptions.layer(limits))
                    .unpack(reader);
              });
      // Bytes behind the end of the compressed data count for the blob's digest.
      counted.drain();
    }
    String found = Hashes.hex(hash.digest());
    if (!found.equals(diffId.hex())) {
      throw new ArchiveException(
          ArchiveException.Fault.CORRUPT,
          "layer's uncompressed digest is "
              + diffId.algorithm()
              + ":"
              + found
              + ", the image config says "
              + diffId);
    }
    LayerMeta meta =
        new LayerMeta(diffId, guard.count(), result.implicitDirs(), result.rootOpaque());
    byte[] json = meta.toJson().getBytes(StandardCharsets.UTF_8);
    try (Fd file =
        Fd.open(
            kernel,
            target.resolve(META).toString(),
            Consts.O_WRONLY | Consts.O_CREAT | Consts.O_EXCL,
            0600)) {
      kernel.write(file.number(), json, 0, json.length);
    }
  }

  /** Publishes an unpacked layer, which has been flushed; another writer's equal one is as good. */
  void publish(Path unpacked, Digest diffId) throws IOException {
    try {
      kernel.renameat2(
          Consts.AT_FDCWD,
          unpacked.toString(),
          Consts.AT_FDCWD,
          layout.layer(diffId).toString(),
          Consts.RENAME_NOREPLACE);
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      if (has(diffId)) {
        kernel.removeTree(Consts.AT_FDCWD, unpacked.toString());
      } else {
        // What is there has lost its record, so it is none.
        replace(unpacked, diffId);
      }
    }
  }

  /** Puts a fresh layer in the place of a damaged one, in one step. */
  void replace(Path unpacked, Digest diffId) throws IOException {
    try (Fd dir = Fd.directory(kernel, unpacked.toString())) {
      kernel.syncfs(dir.number());
    }
    kernel.renameat2(
        Consts.AT_FDCWD,
        unpacked.toString(),
        Consts.AT_FDCWD,
        layout.layer(diffId).toString(),
        Consts.RENAME_EXCHANGE);
    AtomicFiles.syncDirectory(kernel, layout.layers());
    kernel.removeTree(Consts.AT_FDCWD, unpacked.toString());
  }
}
