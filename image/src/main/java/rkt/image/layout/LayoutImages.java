package rkt.image.layout;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import rkt.image.Diagnostics;
import rkt.image.ImageString.LayoutImage;
import rkt.image.OciToAppc;
import rkt.image.ParallelWork;
import rkt.image.StoredTrust;
import rkt.image.Transfer;
import rkt.image.oci.Digests;
import rkt.image.oci.ManifestRules;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.appc.ImageManifest;
import rkt.schema.oci.Descriptor;
import rkt.schema.oci.Digest;
import rkt.schema.oci.Platform;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;
import rkt.store.OciCommit;
import rkt.store.OciImport;
import rkt.store.Reference;
import rkt.store.Scratch;
import rkt.store.unpack.ArchiveException;
import rkt.store.unpack.ObservedStream;
import rkt.trust.CosignSignature;
import rkt.trust.Demand;
import rkt.trust.Evidence;
import rkt.trust.Subject;
import rkt.trust.Trust;

/**
 * Takes images of local layouts and archives into the store. They are read anew each time, for they
 * may have changed; layers that the store has are not unpacked again.
 */
public final class LayoutImages {
  /** As many layers at a time as of a registry, and for the same reason. */
  private static final int PARALLEL = 2;

  private final ImageStore store;
  private final Platform platform;
  private final Diagnostics diagnostics;
  private final Trust trust;

  /**
   * @param platform choose images for this one
   */
  public LayoutImages(ImageStore store, Platform platform, Diagnostics diagnostics, Trust trust) {
    this.store = store;
    this.platform = platform;
    this.diagnostics = diagnostics;
    this.trust = trust;
  }

  /**
   * Reads, verifies and commits.
   *
   * @param shown the image as the user wrote it, for messages
   * @param ref the name the store remembers
   * @throws EngineException NOT_FOUND, AMBIGUOUS when the layout has several images and none was
   *     named, REFUSED when nothing vouches for the image, CORRUPT when a digest is wrong
   */
  public ImageRecord load(LayoutImage image, String shown, String ref) throws EngineException {
    String attempted = "import " + shown;
    try (Fd place = open(image)) {
      return load(attempted, image, place, ref);
    } catch (SchemaException e) {
      throw EngineException.of(attempted, e);
    } catch (IOException e) {
      boolean directory = image.kind() == LayoutImage.Kind.OCI;
      throw failure(attempted, image.path().toString(), directory, e);
    }
  }

  private ImageRecord load(String attempted, LayoutImage image, Fd place, String ref)
      throws EngineException, IOException {
    ManifestRules rules = new ManifestRules(attempted, platform);
    // A link must not lead around the policy: judged is the name of what is open, and only that is
    // read. Of a path, somebody's link in it could lead to one place now and to another below.
    Subject subject = Subject.oci(image.kind().scheme() + ":" + real(attempted, place));
    Demand demand = trust.demand(subject);
    try (Scratch scratch = store.scratch();
        LayoutFiles files = files(image, place, scratch);
        OciImport oci = store.beginOci()) {
      LayoutNaming naming = new LayoutNaming(image.path());
      FoundImage found;
      List<CosignSignature> signatures = List.of();
      boolean judged = !(demand instanceof Demand.Nothing);
      if (image.kind() == LayoutImage.Kind.DOCKER_ARCHIVE) {
        // It has no place for signatures.
        found = new DockerArchive(files, rules).find(image.ref(), naming);
      } else {
        OciLayout layout = new OciLayout(files, rules);
        found = layout.find(image.ref(), naming);
        if (judged) {
          signatures = LayoutSignatures.of(found, layout, diagnostics);
        }
      }
      // Before any layer is read.
      Verdict verdict = judge(attempted, subject, demand, found, signatures);
      layers(attempted, oci, files, found);
      ImageRecord record = commit(oci, found, verdict, ref);
      if (judged) {
        StoredTrust.keep(store, record.id(), Evidence.cosign(signatures, found.digests()));
      }
      return record;
    }
  }

  private static Fd open(LayoutImage image) throws IOException {
    Kernel kernel = Kernel.linux();
    String path = image.path().toString();
    if (image.kind() == LayoutImage.Kind.OCI) {
      return Fd.directory(kernel, path);
    }
    // No more than a handle, for opening a pipe may hang and opening a device may do something.
    Fd archive = Fd.open(kernel, path, Consts.O_PATH, 0);
    try {
      Stat stat = kernel.fstat(archive.number());
      if (!stat.isRegular()) {
        throw new ArchiveException(
            ArchiveException.Fault.REFUSED,
            stat.isDir()
                ? "it is a directory; \"oci:\" names a layout in one"
                : "it is not a regular file");
      }
      return archive;
    } catch (IOException e) {
      archive.close();
      throw e;
    }
  }

  /** A name that leads to something else here, as one of another mount namespace, is none. */
  private static String real(String attempted, Fd place) throws EngineException, OsException {
    Kernel kernel = Kernel.linux();
    String path = place.realPath();
    boolean same;
    try {
      Stat named = kernel.fstatat(Consts.AT_FDCWD, path, Consts.AT_SYMLINK_NOFOLLOW);
      same = named.sameFile(kernel.fstat(place.number()));
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR)) {
        throw e;
      }
      same = false;
    }
    if (!same) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          attempted,
          "the layout has no name of its own: it was removed, moved or mounted over");
    }
    return path;
  }

  private static LayoutFiles files(LayoutImage image, Fd place, Scratch scratch)
      throws IOException, EngineException {
    return image.kind() == LayoutImage.Kind.OCI
        ? new DirectoryFiles(Kernel.linux(), place)
        : TarFiles.open(Path.of(place.path()), scratch);
  }

  @SuppressWarnings("IfChainToSwitch") // a switch over types links through invokedynamic
  private Verdict judge(
      String attempted,
      Subject subject,
      Demand demand,
      FoundImage found,
      List<CosignSignature> signatures)
      throws EngineException {
    if (demand instanceof Demand.Nothing nothing) {
      return nothing.verdict();
    }
    if (demand instanceof Demand.Pgp) {
      throw EngineException.of(
          ErrorCode.REFUSED,
          attempted,
          "the trust policy demands an OpenPGP signature, which a layout cannot have",
          "give " + subject.name() + " a rule that accepts cosign or unsigned");
    }
    return trust.judgeCosign(subject, found.digests(), signatures);
  }

  private void layers(String attempted, OciImport oci, LayoutFiles files, FoundImage found)
      throws EngineException {
    List<Descriptor> layers = found.parsed().layers();
    List<Digest> diffIds = found.parsedConfig().rootfs().diffIds();
    List<ParallelWork.Piece> pieces = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < layers.size(); i++) {
      Descriptor layer = layers.get(i);
      Digest diffId = diffIds.get(i);
      if (seen.add(layer.digest() + " " + diffId) && !oci.hasLayer(layer, diffId)) {
        String path = String.valueOf(found.places().get(layer.digest()));
        pieces.add(() -> layer(attempted, oci, files, path, layer, diffId));
      }
    }
    new ParallelWork(attempted, PARALLEL).run(pieces);
  }

  private void layer(
      String attempted,
      OciImport oci,
      LayoutFiles files,
      String path,
      Descriptor layer,
      Digest diffId)
      throws EngineException {
    if (oci.hasBlob(layer)) {
      oci.unpackStored(layer, diffId);
      return;
    }
    diagnostics.debug("importing layer " + layer.digest() + " (" + layer.size() + " bytes)");
    String name = "import of layer " + layer.digest().toString().substring(0, 19);
    try {
      Optional<LayoutFiles.Sized> file = files.open(path);
      if (file.isEmpty()) {
        throw EngineException.of(
            ErrorCode.CORRUPT, attempted, "layer " + layer.digest() + " is missing in the layout");
      }
      try (LayoutFiles.Sized in = file.get();
          Transfer shown = diagnostics.transfer(name, layer.size())) {
        oci.unpackLayer(layer, diffId, new ObservedStream(in, (b, off, len) -> shown.advance(len)));
        shown.done("done");
      }
    } catch (EngineException e) {
      throw new EngineException(e.code(), attempted, e.why(), e.remedy(), e);
    } catch (IOException e) {
      throw failure(attempted, path, false, e);
    }
  }

  private static ImageRecord commit(OciImport oci, FoundImage found, Verdict verdict, String ref)
      throws EngineException {
    ImageManifest appc =
        OciToAppc.convert(
            found.origin(),
            found.parsedConfig(),
            Digests.of(Digest.SHA256, found.manifest()),
            found.parsed().config().digest());
    return oci.commit(
        new OciCommit(
            found.manifest(),
            found.config(),
            appc,
            List.of(Reference.of(ref)),
            found.origin().latest(),
            verdict));
  }

  private static EngineException failure(
      String attempted, String path, boolean directory, IOException e) {
    String why = String.valueOf(e.getMessage());
    if (e instanceof ArchiveException broken) {
      ErrorCode code =
          switch (broken.fault()) {
            case CORRUPT -> ErrorCode.CORRUPT;
            case REFUSED, LIMIT -> ErrorCode.REFUSED;
            case UNSUPPORTED -> ErrorCode.UNSUPPORTED;
          };
      return new EngineException(code, attempted, why, "", e);
    }
    boolean gone = e instanceof NoSuchFileException;
    boolean denied = e instanceof AccessDeniedException;
    if (e instanceof OsException os) {
      gone = os.is(Errno.ENOENT);
      denied = os.is(Errno.EACCES) || os.is(Errno.EPERM);
      boolean noDirectory = os.is(Errno.ENOTDIR);
      if (noDirectory && !directory) {
        gone = true;
      } else if (noDirectory) {
        return new EngineException(
            ErrorCode.INVALID,
            attempted,
            path + " is not a directory",
            "oci-archive: and docker-archive: name files",
            e);
      }
    }
    if (gone) {
      return new EngineException(
          ErrorCode.NOT_FOUND, attempted, path + ": no such file or directory", "", e);
    }
    if (denied) {
      return new EngineException(
          ErrorCode.PERMISSION, attempted, path + ": permission denied", "", e);
    }
    return new EngineException(ErrorCode.SYSTEM, attempted, why, "", e);
  }
}
