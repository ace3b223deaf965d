package rkt.image.layout;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import rkt.image.build.TarFile;
import rkt.image.build.TarWriter;
import rkt.schema.EngineException;

/** Where the files of a layout are written. */
interface LayoutSink {
  void directory(String path) throws IOException;

  /** Writes a file of exactly that size. */
  void file(String path, long size, InputStream content) throws IOException;

  default void file(String path, byte[] content) throws IOException, EngineException {
    file(path, content.length, new ByteArrayInputStream(content));
  }

  /** Into an empty directory of ours. */
  static LayoutSink into(Path directory) {
    return new LayoutSink() {
      @Override
      public void directory(String path) throws IOException {
        Files.createDirectory(directory.resolve(path));
      }

      @Override
      public void file(String path, long size, InputStream content) throws IOException {
        try (OutputStream out =
            Files.newOutputStream(directory.resolve(path), StandardOpenOption.CREATE_NEW)) {
          content.transferTo(out);
        }
      }
    };
  }

  /** Into a tar; owners and times are fixed, so that the same image gives the same bytes. */
  static LayoutSink into(TarWriter tar) {
    return new LayoutSink() {
      @Override
      public void directory(String path) throws IOException {
        tar.entry(TarFile.directory(path), out -> {});
      }

      @Override
      public void file(String path, long size, InputStream content) throws IOException {
        tar.entry(TarFile.regular(path, size), content::transferTo);
      }
    };
  }
}
