package rkt.pod;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.image.InsecureOption;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.pod.config.Config;
import rkt.pod.config.ConfigDirs;
import rkt.pod.config.ConfigLoader;
import rkt.schema.EngineException;
import rkt.stage1.oci.CgroupTree;
import rkt.stage1.oci.OciFlavor;
import rkt.stage1.oci.OciRuntimes;
import rkt.stage1.oci.RuntimeChoice;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.trust.Explainer;
import rkt.trust.Keystore;
import rkt.trust.Trust;
import rkt.trust.Trusts;

/**
 * Everything rkt can do, opened on one data directory. Constructing it reads nothing; each part is
 * opened when asked for, since most commands need few. For one thread.
 */
public final class Engine {
  private static final Path DEFAULT_DATA_DIR = Path.of("/var/lib/rkt");

  private final EngineOptions options;
  private final Kernel kernel;
  private @Nullable Config config;
  private @Nullable Path dataDir;
  private @Nullable ImageStore images;
  private @Nullable PodStore pods;
  private @Nullable Trust trust;

  private Engine(EngineOptions options, Kernel kernel) {
    this.options = options;
    this.kernel = kernel;
  }

  public static Engine open(EngineOptions options) {
    return new Engine(options, Kernel.linux());
  }

  /** For tests: with another kernel. */
  static Engine open(EngineOptions options, Kernel kernel) {
    return new Engine(options, kernel);
  }

  public Kernel kernel() {
    return kernel;
  }

  /** The merged configuration; read once. */
  public Config config() throws EngineException {
    Config loaded = config;
    if (loaded == null) {
      loaded = new ConfigLoader(kernel).load(options.configDirs());
      config = loaded;
    }
    return loaded;
  }

  /** {@code --dir}, else the configured one, else {@code /var/lib/rkt}; links resolved. */
  public Path dataDir() throws EngineException {
    Path dir = dataDir;
    if (dir == null) {
      dir =
          options.dataDir().isPresent()
              ? options.dataDir().get()
              : config().dataDir().orElse(DEFAULT_DATA_DIR);
      dir = resolveLinks(dir.toAbsolutePath().normalize());
      dataDir = dir;
    }
    return dir;
  }

  /** A directory that does not exist yet is taken as it is. */
  private static Path resolveLinks(Path dir) {
    try {
      return dir.toRealPath();
    } catch (IOException missingOrUnreadable) {
      return dir;
    }
  }

  /** The trust policy and keys of the configuration directories. Reads nothing yet. */
  public Trust trust() {
    Trust opened = trust;
    if (opened == null) {
      ConfigDirs dirs = options.configDirs();
      opened =
          Trusts.open(
              Optional.of(dirs.system()),
              dirs.local(),
              dirs.user(),
              options.insecure().has(InsecureOption.IMAGE));
      trust = opened;
    }
    return opened;
  }

  /** The OpenPGP keys that {@link #trust} goes by. */
  public Keystore keystore() {
    ConfigDirs dirs = options.configDirs();
    return Keystore.open(Optional.of(dirs.system()), dirs.local());
  }

  /** Says why images are trusted, or not. */
  public Explainer trustExplainer() {
    ConfigDirs dirs = options.configDirs();
    return Explainer.open(Optional.of(dirs.system()), dirs.local(), dirs.user());
  }

  public ImageStore images() throws EngineException {
    ImageStore store = images;
    if (store == null) {
      store = ImageStore.open(dataDir().resolve("cas"), kernel);
      images = store;
    }
    return store;
  }

  public PodStore pods() throws EngineException {
    PodStore store = pods;
    if (store == null) {
      store = new PodStore(dataDir(), kernel);
      pods = store;
    }
    return store;
  }

  /**
   * Keeps {@code image gc} from removing what the caller is reading, until it is closed. Nobody but
   * root collects garbage, and nobody else need hold anything.
   */
  public Held holdImages() throws EngineException {
    if (kernel.geteuid() != 0) {
      return () -> {};
    }
    try {
      pods().layout().ensure();
    } catch (IOException e) {
      throw Failures.system("prepare " + dataDir(), e);
    }
    return pods().sharedPrepareLock()::close;
  }

  /** Something that is held until it is closed. */
  @FunctionalInterface
  public interface Held extends AutoCloseable {
    @Override
    void close() throws OsException;
  }

  /**
   * Unpacks an image that was just fetched, so that its first pod starts at once. Nothing happens
   * where a pod would not use the tree: without overlayfs, or without the right to make one.
   */
  public void render(ImageRecord image) throws EngineException {
    try {
      if (kernel.geteuid() == 0 && OverlaySupport.obstacle(kernel, dataDir()).isEmpty()) {
        images().rootfs(image, false);
      }
    } catch (OsException e) {
      throw Failures.system("error determining overlay support", e);
    }
  }

  /**
   * For run, prepare and run-prepared.
   *
   * @param source finds or fetches the images of the pod
   */
  public Runner runner(ImageSource source) throws EngineException {
    Launcher launcher =
        new Launcher(kernel, pods().files(), this::flavor, networkPlaces(), options);
    return new Runner(
        dataDir(), pods(), PodImages.of(images(), trust()), source, launcher, options.reporter());
  }

  private FlavorSource.Flavor flavor(Path supervisor, Optional<String> cgroupParent)
      throws EngineException, IOException {
    CgroupTree cgroups = CgroupTree.probe(cgroupParent);
    RuntimeChoice runtime = OciRuntimes.find(config().runtime());
    options.reporter().debug("stage1", "using OCI runtime " + runtime.binary());
    OciFlavor flavor = new OciFlavor(kernel, supervisor, runtime, cgroups);
    return new FlavorSource.Flavor(flavor, cgroups.hybrid(), cgroups.left());
  }

  public Waiter waiter() throws EngineException {
    return new Waiter(pods());
  }

  public Stopper stopper() throws EngineException {
    return new Stopper(pods(), options.reporter());
  }

  public Remover remover() throws EngineException {
    return new Remover(pods(), options.reporter());
  }

  public GarbageCollector garbageCollector() throws EngineException {
    return new GarbageCollector(pods(), options.reporter(), InstantSource.system());
  }

  public NetworkUpkeep networkUpkeep() throws EngineException {
    return new NetworkUpkeep(pods(), options.reporter(), networkPlaces());
  }

  private NetworkPlaces networkPlaces() throws EngineException {
    return NetworkPlaces.of(options.configDirs(), config().netPlugins());
  }

  public Enterer enterer() throws EngineException {
    return new Enterer(pods(), this::flavor, options);
  }

  public ImageCollector imageCollector() throws EngineException {
    return new ImageCollector(pods(), images(), InstantSource.system());
  }
}
