package rkt.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/** References from outside the store to images, one file each, named after the reference. */
final class References {
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
      byte[] bytes = SmallFiles.read(kernel, path.toString(), MAX_BYTES);
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
    } catch (SchemaException e) {
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

  /** Removes what refers to an image that {@code gone} accepts; returns how many. */
  int removeIf(java.util.function.Predicate<ImageId> gone) throws IOException {
    List<Path> dead = new ArrayList<>();
    for (String name : Listing.names(kernel, layout.references())) {
      Path path = layout.references().resolve(name);
      Optional<StoredReference> stored = read(path);
      if (name.startsWith(".") || stored.isEmpty() || gone.test(stored.get().image())) {
        dead.add(path);
      }
    }
    for (Path path : dead) {
      kernel.removeTree(Consts.AT_FDCWD, path.toString());
    }
    return dead.size();
  }

  private Path path(String ref) {
    return layout.references().resolve(SafeName.of(ref) + ".json");
  }
}
