package rkt.trust;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.appc.AcIdentifier;
import rkt.trust.pgp.OpenPgpException;
import rkt.trust.pgp.PgpKey;

/**
 * The trusted OpenPGP keys of the system and the local configuration directory: one file each,
 * named after the primary key's fingerprint, in {@code trustedkeys/root.d} (for every image) or
 * {@code trustedkeys/prefix.d/PREFIX} (for images whose name is PREFIX or below it).
 *
 * <p>Files are read in this order: system root, local root, system prefixes, local prefixes from
 * the shortest to the longest. An empty file takes back what was read before it under its name;
 * only local ones are made by rkt. Nothing is cached: keys are few, and truth is on disk.
 */
public final class Keystore {
  static final String READING = "error reading the keystore";
  static final String DIRECTORY = "trustedkeys";
  static final String ROOT = "root.d";
  static final String PREFIXES = "prefix.d";
  static final int FINGERPRINT = 40;
  private static final int MAX_DEPTH = 64;

  /**
   * A file of the keystore.
   *
   * @param fingerprint its name
   * @param prefix what the key is for; empty: everything
   * @param local in the local configuration directory
   * @param mask empty: no key, but the withdrawal of one
   */
  public record KeyFile(
      Path path, String fingerprint, String prefix, boolean local, boolean mask) {}

  private final Kernel kernel;
  private final Optional<Path> system;
  private final Path local;

  Keystore(Kernel kernel, Optional<Path> system, Path local) {
    this.kernel = kernel;
    this.system = system;
    this.local = local;
  }

  /** Reads nothing yet. */
  public static Keystore open(Optional<Path> systemDir, Path localDir) {
    return new Keystore(Kernel.linux(), systemDir, localDir);
  }

  Kernel kernel() {
    return kernel;
  }

  Path localDir() {
    return local;
  }

  /**
   * The components of a prefix or image name.
   *
   * @throws EngineException INVALID when it could not be a directory of the keystore
   */
  static List<String> components(String name) throws EngineException {
    try {
      AcIdentifier checked = new AcIdentifier(name);
      List<String> parts = List.of(checked.value().split("/", -1));
      for (String part : parts) {
        if (part.isEmpty() || part.equals(".") || part.equals("..")) {
          throw new SchemaException("no component may be empty, \".\" or \"..\"");
        }
      }
      if (parts.size() > MAX_DEPTH) {
        throw new SchemaException("more than " + MAX_DEPTH + " components");
      }
      return parts;
    } catch (SchemaException e) {
      String remedy =
          name.endsWith("/*")
              ? "the plain prefix covers everything below it: "
                  + Texts.printable(name.substring(0, name.length() - 2))
              : "";
      throw new EngineException(
          ErrorCode.INVALID,
          "invalid prefix " + Texts.quote(name),
          String.valueOf(e.getMessage()),
          remedy,
          e);
    }
  }

  /** The files that are looked at for an image name, in order; masks included. */
  public List<KeyFile> considered(String name) throws EngineException {
    List<String> parts = components(name);
    List<KeyFile> out = new ArrayList<>();
    try {
      for (boolean localOnes : new boolean[] {false, true}) {
        walk(localOnes, ROOT, List.of(), out);
      }
      for (boolean localOnes : new boolean[] {false, true}) {
        walk(localOnes, PREFIXES, parts, out);
      }
    } catch (OsException e) {
      throw BoundedFiles.failed(READING, e);
    }
    return out;
  }

  /** Of {@link #considered}, those that count: not masked, the last one of each fingerprint. */
  public List<KeyFile> applying(String name) throws EngineException {
    List<KeyFile> out = new ArrayList<>();
    for (KeyFile file : considered(name)) {
      out.removeIf(before -> before.fingerprint().equals(file.fingerprint()));
      if (!file.mask()) {
        out.add(file);
      }
    }
    return out;
  }

  /** Every file of the keystore, system first; masks included. */
  public List<KeyFile> all() throws EngineException {
    List<KeyFile> out = new ArrayList<>();
    try {
      for (boolean localOnes : new boolean[] {false, true}) {
        walk(localOnes, ROOT, List.of(), out);
        Path top = dir(localOnes).resolve(PREFIXES);
        try (Opened fd = open(top)) {
          if (fd.isThere()) {
            everythingBelow(fd.fd(), top, "", localOnes, out, 0);
          }
        }
      }
    } catch (OsException e) {
      throw BoundedFiles.failed(READING, e);
    }
    return out;
  }

  /** The directory the tree is in; one that cannot exist when there is no system directory. */
  private Path dir(boolean localOnes) {
    Path base = localOnes ? local : system.orElse(Path.of("/dev/null/none"));
    return base.resolve(DIRECTORY);
  }

  /** The files of one tree that apply to a name: those in the directories of its prefixes. */
  private void walk(boolean localOnes, String tree, List<String> parts, List<KeyFile> out)
      throws OsException, EngineException {
    if (!localOnes && system.isEmpty()) {
      return;
    }
    Path path = dir(localOnes).resolve(tree);
    String prefix = "";
    if (parts.isEmpty()) {
      try (Opened fd = open(path)) {
        if (fd.isThere()) {
          files(fd.fd(), path, prefix, localOnes, out);
        }
      }
      return;
    }
    for (String part : parts) {
      path = path.resolve(part);
      prefix = prefix.isEmpty() ? part : prefix + "/" + part;
      try (Opened fd = open(path)) {
        if (!fd.isThere()) {
          return;
        }
        files(fd.fd(), path, prefix, localOnes, out);
      }
    }
  }

  private void everythingBelow(
      Fd dir, Path path, String prefix, boolean localOnes, List<KeyFile> out, int depth)
      throws OsException, EngineException {
    if (!prefix.isEmpty()) {
      files(dir, path, prefix, localOnes, out);
    }
    for (String name : sorted(dir)) {
      Stat stat = stat(dir, name, Consts.AT_SYMLINK_NOFOLLOW);
      if (stat != null && stat.isDir() && depth < MAX_DEPTH) {
        Path below = path.resolve(name);
        try (Opened fd = open(below)) {
          if (fd.isThere()) {
            String longer = prefix.isEmpty() ? name : prefix + "/" + name;
            everythingBelow(fd.fd(), below, longer, localOnes, out, depth + 1);
          }
        }
      }
    }
  }

  private void files(Fd dir, Path path, String prefix, boolean localOnes, List<KeyFile> out)
      throws OsException, EngineException {
    for (String name : sorted(dir)) {
      Stat stat = stat(dir, name, 0);
      if (stat == null || stat.isDir() || name.startsWith(AtomicFiles.TEMPORARY_PREFIX)) {
        continue;
      }
      if (!stat.isRegular()) {
        throw EngineException.of(
            ErrorCode.INVALID, READING, path.resolve(name) + " is not a regular file", "remove it");
      }
      out.add(new KeyFile(path.resolve(name), name, prefix, localOnes, stat.size() == 0));
    }
  }

  private List<String> sorted(Fd dir) throws OsException {
    List<String> names = new ArrayList<>(kernel.list(dir.number()));
    Collections.sort(names);
    return names;
  }

  private @Nullable Stat stat(Fd dir, String name, int flags) throws OsException {
    try {
      return kernel.fstatat(dir.number(), name, flags);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return null;
      }
      throw e;
    }
  }

  /** A directory that may be missing. */
  private record Opened(@Nullable Fd maybe) implements AutoCloseable {
    boolean isThere() {
      return maybe != null;
    }

    Fd fd() {
      return java.util.Objects.requireNonNull(maybe);
    }

    @Override
    public void close() throws OsException {
      if (maybe != null) {
        maybe.close();
      }
    }
  }

  private Opened open(Path dir) throws OsException {
    try {
      return new Opened(Fd.directory(kernel, dir.toString()));
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return new Opened(null);
      }
      throw e;
    }
  }

  /**
   * Whether a key exists for the name or a prefix of it. The ancestor's question before it
   * discovers keys: root keys are not asked for, and a local mask hides no system key.
   */
  public boolean hasKeysFor(String name) throws EngineException {
    List<KeyFile> found = new ArrayList<>();
    List<String> parts = components(name);
    try {
      walk(true, PREFIXES, parts, found);
      walk(false, PREFIXES, parts, found);
    } catch (OsException e) {
      throw BoundedFiles.failed(READING, e);
    }
    for (KeyFile file : found) {
      if (!file.mask()) {
        return true;
      }
    }
    return false;
  }

  /**
   * The key in a file.
   *
   * @throws EngineException INVALID when it is none, or another one than the file's name says
   */
  public PgpKey read(KeyFile file, Instant now) throws EngineException {
    byte[] bytes =
        BoundedFiles.readIfThere(kernel, file.path(), PgpKey.MAX_FILE, READING)
            .orElseThrow(
                () -> EngineException.of(ErrorCode.NOT_FOUND, READING, file.path() + " is gone"));
    try {
      PgpKey key = PgpKey.parse(bytes, now);
      if (!key.fingerprint().equals(file.fingerprint())) {
        throw new OpenPgpException(
            "fingerprint mismatch: \"" + file.path() + "\":\"" + key.fingerprint() + "\"");
      }
      return key;
    } catch (OpenPgpException e) {
      throw new EngineException(
          ErrorCode.INVALID,
          READING,
          e.why().startsWith("fingerprint mismatch") ? e.why() : file.path() + ": " + e.why(),
          "correct or remove the file: while it is there nothing is trusted by its directory",
          e);
    }
  }
}
