package rkt.pod;

import java.nio.file.Path;
import rkt.schema.appc.PodUuid;

/** One pod, held by a descriptor on its directory. */
public final class Pod implements AutoCloseable {
  Pod() {}

  public PodUuid uuid() {
    throw new UnsupportedOperationException();
  }

  public PodDirectory directory() {
    throw new UnsupportedOperationException();
  }

  public Path path() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
