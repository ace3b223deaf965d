package rkt.pod;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.RandomBytes;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.appc.PodUuid;

/**
 * The pods below {@code <data>/pods}.
 *
 * <p>A pod only ever moves forward through {@link PodDirectory}'s order, so a lookup that tries the
 * directories in that order cannot miss one that moves meanwhile.
 */
public final class PodStore {
  private static final String RETRIEVING = "problem retrieving pod";

  private static final PodDirectory[] LISTED = {
    PodDirectory.PREPARE, PodDirectory.PREPARED, PodDirectory.RUN, PodDirectory.EXITED_GARBAGE
  };

  private final Kernel kernel;
  private final DataLayout layout;
  private final PodFiles files;

  public PodStore(Path dataDir, Kernel kernel) {
    this.kernel = kernel;
    this.layout = new DataLayout(kernel, dataDir);
    this.files = new PodFiles(kernel);
  }

  Kernel kernel() {
    return kernel;
  }

  PodFiles files() {
    return files;
  }

  DataLayout layout() {
    return layout;
  }

  /**
   * Every pod but embryos and garbage, as it is now, sorted by UUID. A pod that vanishes meanwhile
   * is left out.
   */
  public List<PodView> list() throws EngineException {
    PodViews views = new PodViews(files, kernel);
    List<PodView> out = new ArrayList<>();
    for (PodUuid uuid : uuids(LISTED)) {
      try (Pod pod = open(uuid)) {
        PodView view = pod == null ? null : views.of(pod);
        if (view != null) {
          out.add(view);
        }
      } catch (IOException e) {
        throw Failures.system("list pods", e);
      }
    }
    return out;
  }

  /** The pod as it is now. */
  public PodView view(PodUuid uuid) throws EngineException {
    try (Pod pod = open(uuid)) {
      PodView view = pod == null ? null : new PodViews(files, kernel).of(pod);
      if (view == null) {
        throw noMatch(uuid.value());
      }
      return view;
    } catch (IOException e) {
      throw Failures.system(RETRIEVING, e);
    }
  }

  /** The full UUID an unambiguous prefix stands for, with the messages of the ancestor. */
  public PodUuid resolve(String prefix) throws EngineException {
    if (prefix.isEmpty()) {
      throw EngineException.of(ErrorCode.INVALID, RETRIEVING, "UUID cannot be empty");
    }
    String wanted = prefix.toLowerCase(Locale.ROOT);
    PodUuid found = null;
    int matches = 0;
    for (PodUuid uuid : uuids(LISTED)) {
      if (uuid.value().startsWith(wanted)) {
        found = uuid;
        matches++;
      }
    }
    if (found == null) {
      throw noMatch(prefix);
    }
    if (matches > 1) {
      throw EngineException.of(
          ErrorCode.AMBIGUOUS, RETRIEVING, "ambiguous uuid, " + matches + " matches");
    }
    return found;
  }

  /** The same from a file, whose content is trimmed. */
  public PodUuid resolveFile(Path file) throws EngineException {
    String text;
    try (Fd fd = Fd.open(kernel, file.toString(), Consts.O_RDONLY, 0)) {
      // A UUID has 36 characters; anything longer matches nothing anyway.
      byte[] buffer = new byte[256];
      int length = kernel.read(fd.number(), buffer, 0, buffer.length);
      text = new String(buffer, 0, length, StandardCharsets.UTF_8).strip();
    } catch (OsException e) {
      OsException named = new OsException(e.syscall(), "\"" + file + "\"", e.errno());
      throw Failures.system("unable to resolve UUID from file", named);
    }
    return resolve(text);
  }

  /** The pod's directory, held open; empty when there is none. */
  public Optional<Pod> find(PodUuid uuid) throws EngineException {
    try {
      return Optional.ofNullable(open(uuid));
    } catch (OsException e) {
      throw Failures.system(RETRIEVING, e);
    }
  }

  /** The pod manifest as it was stored. */
  public byte[] manifestBytes(PodUuid uuid) throws EngineException {
    try (Pod pod = open(uuid)) {
      if (pod == null) {
        throw noMatch(uuid.value());
      }
      byte[] bytes = files.readIfPresent(pod.fd(), PodFiles.MANIFEST);
      if (bytes == null) {
        throw EngineException.of(
            ErrorCode.NOT_FOUND, RETRIEVING, "pod \"" + uuid.value() + "\" has no manifest yet");
      }
      return bytes;
    } catch (OsException e) {
      throw Failures.system(RETRIEVING, e);
    }
  }

  /**
   * A new pod in {@code prepare}, exclusively locked.
   *
   * <p>Between the birth of an embryo and its lock a gc may take it for one whose maker died; gc
   * removes embryos only under their lock, so whoever then holds the lock of a directory that is
   * still in place owns it, and the loser starts over.
   */
  Pod create() throws EngineException {
    try {
      layout.ensure();
      while (true) {
        Pod pod = tryCreate();
        if (pod != null) {
          return pod;
        }
      }
    } catch (IOException e) {
      throw Failures.system("error creating new pod", e);
    }
  }

  private @Nullable Pod tryCreate() throws OsException {
    PodUuid uuid = PodUuid.ofRandomBytes(RandomBytes.of(16));
    Path embryo = layout.pods().resolve(PodDirectory.EMBRYO.dirName()).resolve(uuid.value());
    kernel.mkdirat(Consts.AT_FDCWD, embryo.toString(), 0750);
    Pod pod = open(uuid, PodDirectory.EMBRYO);
    if (pod == null) {
      return null;
    }
    boolean moved = false;
    try {
      if (pod.tryLock() && pod.inPlace()) {
        pod.move(PodDirectory.PREPARE);
        moved = true;
        return pod;
      }
      return null;
    } finally {
      if (!moved) {
        pod.close();
      }
    }
  }

  /** The shared lock that keeps {@code image gc} away from what is being prepared. */
  FileLock sharedPrepareLock() throws EngineException {
    try {
      return FileLock.keyShared(kernel, layout.prepareLock());
    } catch (IOException e) {
      throw Failures.system("cannot get shared prepare lock", e);
    }
  }

  @Nullable Pod open(PodUuid uuid) throws OsException {
    for (PodDirectory directory : PodDirectory.values()) {
      Pod pod = open(uuid, directory);
      if (pod != null) {
        return pod;
      }
    }
    return null;
  }

  @Nullable Pod open(PodUuid uuid, PodDirectory directory) throws OsException {
    Path path = layout.pods().resolve(directory.dirName()).resolve(uuid.value());
    int flags = Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;
    try {
      Fd fd = Fd.open(kernel, path.toString(), flags, 0);
      return new Pod(kernel, layout.pods(), uuid, fd, directory);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return null;
      }
      throw e;
    }
  }

  /**
   * The UUIDs in these directories, sorted; each once. Other names are not ours and are left alone.
   */
  List<PodUuid> uuids(PodDirectory... directories) throws EngineException {
    TreeSet<String> names = new TreeSet<>();
    for (PodDirectory directory : directories) {
      Path path = layout.pods().resolve(directory.dirName());
      try (Fd fd = Fd.directory(kernel, path.toString())) {
        names.addAll(kernel.list(fd.number()));
      } catch (OsException e) {
        if (!e.is(Errno.ENOENT)) {
          throw Failures.system("list pods", e);
        }
      }
    }
    List<PodUuid> out = new ArrayList<>(names.size());
    for (String name : names) {
      try {
        PodUuid uuid = PodUuid.parse(name);
        if (uuid.value().equals(name)) {
          out.add(uuid);
        }
      } catch (SchemaException notOurs) {
        continue;
      }
    }
    return out;
  }

  private static EngineException noMatch(String text) {
    return EngineException.of(
        ErrorCode.NOT_FOUND, RETRIEVING, "no matches found for \"" + text + "\"");
  }
}
