package rkt.pod;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.appc.PodUuid;

/** The pods below {@code <data>/pods}. */
public final class PodStore {
  public PodStore(Path dataDir, Kernel kernel) {
    throw new UnsupportedOperationException();
  }

  /** Every pod but embryos and garbage, as it is now, sorted by UUID. A pod that vanishes meanwhile is left out. */
  public List<PodView> list() throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** The pod as it is now. */
  public PodView view(PodUuid uuid) throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** The full UUID an unambiguous prefix stands for, with the messages of the ancestor. */
  public PodUuid resolve(String prefix) throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** The same from a file, whose content is trimmed. */
  public PodUuid resolveFile(Path file) throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** The pod's directory, held open; empty when there is none. */
  public Optional<Pod> find(PodUuid uuid) throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** The pod manifest as it was stored. */
  public byte[] manifestBytes(PodUuid uuid) throws EngineException {
    throw new UnsupportedOperationException();
  }
}
