package rkt.store;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.os.Kernel;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.ImageManifest;
import rkt.schema.appc.Labels;

public final class ImageStore {
  public static ImageStore open(Path casDir, Kernel kernel) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public ImageRecord importAci(InputStream raw, ImportOptions options) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public OciImport beginOci() throws EngineException {
    throw new UnsupportedOperationException();
  }

  public Optional<ImageRecord> byRef(String ref) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public Optional<StoredReference> reference(String ref) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public Optional<ImageRecord> get(ImageId full) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public ImageId resolve(String idOrPrefix) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public Optional<ImageRecord> byName(AcIdentifier name, Labels labels) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public List<ImageRecord> allByName(AcIdentifier name) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public List<ImageRecord> list() throws EngineException {
    throw new UnsupportedOperationException();
  }

  public ImageManifest manifest(ImageRecord image) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public byte[] manifestBytes(ImageRecord image) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public RootfsLayers rootfs(ImageRecord image, boolean forCopy) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public void copyRootfs(ImageRecord image, Path emptyTarget) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public RemovalResult remove(ImageId id) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public GcReport gc(GcPolicy policy) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public VerifyReport verify(ImageRecord image) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public void touch(ImageRecord image) throws EngineException {
    throw new UnsupportedOperationException();
  }

  public long sizeOf(ImageRecord image) throws EngineException {
    throw new UnsupportedOperationException();
  }
}
