package rkt.store.unpack;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.util.Native;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** zstd, with its errors in our words. */
final class ZstdStream extends InputStream {
  /** 128 MiB, the limit of the zstd tool; a frame may ask for terabytes. */
  private static final int MAX_WINDOW_LOG = 27;

  private final ZstdInputStream in;
  private final byte[] one = new byte[1];

  private ZstdStream(ZstdInputStream in) {
    this.in = in;
  }

  static InputStream open(InputStream in) throws IOException {
    loadShippedLibrary();
    ZstdInputStream zstd = new ZstdInputStream(in);
    zstd.setContinuous(false);
    zstd.setLongMax(MAX_WINDOW_LOG);
    return new ZstdStream(zstd);
  }

  /**
   * Points zstd-jni at the library in {@code <rkt.home>/lib/runtime/lib}. Left alone it would write
   * its library to {@code /tmp} and load it from there.
   */
  private static synchronized void loadShippedLibrary() {
    if (Native.isLoaded() || System.getProperty("ZstdNativePath") != null) {
      return;
    }
    Path shipped = shippedLibrary(System.getProperty("rkt.home"));
    if (shipped != null) {
      System.setProperty("ZstdNativePath", shipped.toString());
    }
  }

  private static @Nullable Path shippedLibrary(@Nullable String home) {
    if (home == null) {
      return null;
    }
    Path library = Path.of(home, "lib", "runtime", "lib", "libzstd-jni.so").toAbsolutePath();
    return Files.isReadable(library) ? library : null;
  }

  @Override
  public int read() throws IOException {
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] b, int off, int len) throws IOException {
    try {
      return in.read(b, off, len);
    } catch (ZstdIOException | EOFException e) {
      throw new ArchiveException(
          ArchiveException.Fault.CORRUPT,
          "zstd data is damaged or cut short: " + e.getMessage(),
          e);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
