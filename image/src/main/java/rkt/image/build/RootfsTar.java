package rkt.image.build;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import rkt.image.build.TarFile.Kind;
import rkt.os.Consts;
import rkt.os.Kernel;
import rkt.os.Stat;

/**
 * A root file system that the store has unpacked, as a tar again. The same files give the same
 * bytes; times are kept, for they are the image's.
 */
public final class RootfsTar {
  private RootfsTar() {}

  /** As an ACI. */
  public static void aci(Kernel kernel, byte[] manifest, Path rootfs, OutputStream out)
      throws IOException {
    TarWriter tar = new TarWriter(out);
    tar.entry(TarFile.regular("manifest", manifest.length), to -> to.write(manifest));
    tar.entry(top(kernel, rootfs, "rootfs"), to -> {});
    try (RootfsSource source = new DirectorySource(kernel, rootfs)) {
      source.each((entry, content) -> {
        TarFile moved = entry.at("rootfs/" + entry.path());
        tar.entry(
            moved.kind() == Kind.HARD_LINK ? moved.hardLinkTo("rootfs/" + moved.link()) : moved,
            content);
      });
    }
    tar.finish();
  }

  /** As a layer of an OCI image. */
  public static void layer(Kernel kernel, Path rootfs, OutputStream out) throws IOException {
    TarWriter tar = new TarWriter(out);
    tar.entry(top(kernel, rootfs, "."), to -> {});
    try (RootfsSource source = new DirectorySource(kernel, rootfs)) {
      source.each(tar::entry);
    }
    tar.finish();
  }

  private static TarFile top(Kernel kernel, Path rootfs, String name) throws IOException {
    Stat stat = kernel.fstatat(Consts.AT_FDCWD, rootfs.toString(), Consts.AT_SYMLINK_NOFOLLOW);
    // Without its time: when the archive does not state the root, that is the time of unpacking.
    return new TarFile(
        name,
        Kind.DIRECTORY,
        stat.permissions(),
        stat.uid(),
        stat.gid(),
        0,
        0,
        0,
        "",
        0,
        0,
        List.of());
  }
}
