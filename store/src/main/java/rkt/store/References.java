package rkt.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.AtomicFiles;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/** References from outside the store to images, one file each, named after the reference. */
final class References {
  private static final String SUFFIX = ".json";
  private static final int MAX_BYTES = 1 << 20;

  private final Layout layout;
  private final Kernel kernel;

  References(Layout layout) {
    this.layout = layout;
    this.kernel = layout.kernel();
  }

  Optional<StoredReference> get(String ref) throws IOException {
    Optional<StoredReference> found = read(path(ref));
    return found.isPresent() && found.get().reference().ref().equals(ref)
        ? found
        : Optional.empty();
  }

  private Optional<StoredReference> read(Path path) throws IOException {
    try {
      byte[] bytes = layout.readFile(path, MAX_BYTES);
      if (!(Json.parse(bytes, "reference " + path) instanceof JsonObject json)) {
        return Optional.empty();
      }
      Reference reference =
          new Reference(json.string("ref"), json.string("etag", ""), json.integer("maxAge", 0));
      ImageId image = new ImageId(json.string("image"));
      return Optional.of(new StoredReference(reference, image, json.integer("time", 0)));
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return Optional.empty();
      }
      throw e;
    } catch (ForeignEntry | SchemaException e) {
      // A damaged reference is no reference: the next fetch writes a new one.
      return Optional.empty();
    }
  }

  void put(Reference reference, ImageId image, long timeNanos) throws IOException {
    JsonWriter json = JsonWriter.compact();
    json.beginObject();
    json.name("ref").value(reference.ref());
    json.name("image").value(image.value());
    json.name("time").value(timeNanos);
    json.name("etag").value(reference.etag());
    json.name("maxAge").value(reference.maxAgeSeconds());
    json.endObject();
    byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
    AtomicFiles.writeAtomically(kernel, path(reference.ref()), bytes, Layout.FILE_MODE);
  }

  /** All of them, in no order; damaged ones are none. */
  List<StoredReference> all() throws IOException {
    List<StoredReference> all = new ArrayList<>();
    for (String name : Listing.names(kernel, layout.references())) {
      if (!name.startsWith(".")) {
        read(layout.references().resolve(name)).ifPresent(all::add);
      }
    }
    return all;
  }

  /**
   * @return false when there was none
   */
  boolean remove(String ref) throws IOException {
    if (get(ref).isEmpty()) {
      return false;
    }
    try (Fd dir = layout.directories().openToChange(layout.references())) {
      kernel.removeTree(dir.number(), SafeName.of(ref) + SUFFIX);
      kernel.fsync(dir.number());
    }
    return true;
  }

  /** A file of this directory, and the reference in it if there is one. */
  record Held(Path path, Optional<StoredReference> stored) {}

  List<Held> files() throws IOException {
    List<Held> files = new ArrayList<>();
    for (String name : Listing.names(kernel, layout.references())) {
      Path path = layout.references().resolve(name);
      files.add(new Held(path, name.startsWith(".") ? Optional.empty() : read(path)));
    }
    return files;
  }

  /** Removes what refers to an image; nobody else writes meanwhile. */
  void removeOf(ImageId image) throws IOException {
    try (Fd dir = layout.directories().openToChange(layout.references())) {
      for (Held file : files()) {
        if (file.stored().isPresent() && file.stored().get().image().equals(image)) {
          kernel.removeTree(dir.number(), String.valueOf(file.path().getFileName()));
        }
      }
    }
  }

  private Path path(String ref) {
    return layout.references().resolve(SafeName.of(ref) + SUFFIX);
  }
}
