package rkt.store;

import java.io.IOException;
import java.util.List;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.schema.SchemaException;

/** What keeps the store small and whole: uses noted, removal, gc, verification and repair. */
final class Housekeeping {
  private final Layout layout;
  private final Index index;
  private final References references;
  private final Publisher publisher;

  Housekeeping(Layout layout, Index index, References references, Publisher publisher) {
    this.layout = layout;
    this.index = index;
    this.references = references;
    this.publisher = publisher;
  }

  void touch(ImageId id) throws EngineException {
    try {
      index.touch(id);
    } catch (IOException e) {
      throw StoreFailures.of("note the use of image " + id, e);
    }
  }

  RemovalResult remove(ImageId id) throws EngineException {
    try {
      return new Removal(layout, index, references).remove(id);
    } catch (IOException e) {
      throw StoreFailures.of("remove image " + id, e);
    }
  }

  GcReport gc(GcPolicy policy) throws EngineException {
    String attempted = "collect garbage in the image store";
    try {
      if (!layout.exists(layout.cas())) {
        return new GcReport(List.of(), List.of(), 0, 0, List.of(), List.of());
      }
      return new Collector(layout, index, references, policy).collect();
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    } catch (SchemaException e) {
      throw StoreFailures.of(attempted, e);
    }
  }

  VerifyReport verify(ImageRecord image, Rootfs rootfs, boolean repair) throws EngineException {
    String attempted = "verify image " + image.id();
    try {
      IndexEntry entry = index.entry(attempted, image.id());
      return new Verification(layout, publisher, rootfs, repair).verify(entry);
    } catch (IOException e) {
      throw StoreFailures.of(attempted, e);
    }
  }
}
