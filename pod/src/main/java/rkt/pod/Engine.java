package rkt.pod;

import java.nio.file.Path;
import rkt.os.Kernel;
import rkt.pod.config.Config;
import rkt.schema.EngineException;
import rkt.store.ImageStore;

/** Everything rkt can do, opened on one data directory. Constructing it reads nothing; each part is opened when asked for. */
public final class Engine {
  private Engine() {}

  public static Engine open(EngineOptions options) {
    throw new UnsupportedOperationException();
  }

  public Kernel kernel() {
    throw new UnsupportedOperationException();
  }

  /** The merged configuration; read once. */
  public Config config() throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** {@code --dir}, else the configured one, else {@code /var/lib/rkt}; links resolved. */
  public Path dataDir() throws EngineException {
    throw new UnsupportedOperationException();
  }

  public ImageStore images() throws EngineException {
    throw new UnsupportedOperationException();
  }

  public PodStore pods() throws EngineException {
    throw new UnsupportedOperationException();
  }

  /** @param images finds or fetches the images of the pod */
  public Runner runner(ImageSource images) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public Waiter waiter() throws EngineException {
    throw new UnsupportedOperationException();
  }

  public Stopper stopper() throws EngineException {
    throw new UnsupportedOperationException();
  }

  public Remover remover() throws EngineException {
    throw new UnsupportedOperationException();
  }

  public GarbageCollector garbageCollector() throws EngineException {
    throw new UnsupportedOperationException();
  }

  public Enterer enterer() throws EngineException {
    throw new UnsupportedOperationException();
  }

  public ImageCollector imageCollector() throws EngineException {
    throw new UnsupportedOperationException();
  }
}
