package rkt.trust;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import rkt.os.AtomicFiles;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.Texts;
import rkt.trust.Keystore.KeyFile;
import rkt.trust.pgp.Armor;
import rkt.trust.pgp.PgpKey;

/**
 * Adds keys to the local keystore and takes them away again. Every directory below {@code
 * trustedkeys} is entered without following links, so that a key lands where its prefix says and
 * nowhere else; a key appears whole or not at all.
 */
public final class KeystoreChanges {
  private static final String WRITING = "error writing the keystore";
  private static final int FOLLOW_NOTHING =
      Consts.O_RDONLY | Consts.O_DIRECTORY | Consts.O_NOFOLLOW;

  /** What taking a key away came to. */
  public enum Removal {
    /** The local file is gone. */
    REMOVED,
    /** The key is the system's, which is not ours to change: an empty local file withdraws it. */
    MASKED
  }

  private final Keystore keystore;
  private final Kernel kernel;

  public KeystoreChanges(Keystore keystore) {
    this.keystore = keystore;
    this.kernel = keystore.kernel();
  }

  /**
   * Trusts a key.
   *
   * @param prefix empty: for every image
   * @return the key's file
   */
  public Path add(String prefix, PgpKey key) throws EngineException {
    return write(prefix, key.fingerprint(), Armor.encodeKey(key.encoded()));
  }

  /**
   * Withdraws a key.
   *
   * @param fingerprint 40 hex digits; blanks and case do not matter
   * @throws EngineException NOT_FOUND when no key of this fingerprint is trusted for the prefix;
   *     says where there is one
   */
  public Removal remove(String prefix, String fingerprint) throws EngineException {
    String name = normalized(fingerprint);
    List<String> elsewhere = new ArrayList<>();
    boolean ours = false;
    boolean systems = false;
    for (KeyFile file : keystore.all()) {
      if (!file.fingerprint().equals(name) || file.mask()) {
        continue;
      }
      if (!file.prefix().equals(prefix)) {
        elsewhere.add(file.prefix().isEmpty() ? "--root" : "--prefix=" + file.prefix());
      } else if (file.local()) {
        ours = true;
      } else {
        systems = !masked(prefix, name);
      }
    }
    if (systems) {
      // Replaces a local copy as well.
      write(prefix, name, new byte[0]);
      return Removal.MASKED;
    }
    if (!ours) {
      throw EngineException.of(
          ErrorCode.NOT_FOUND,
          "cannot remove key " + name,
          prefix.isEmpty()
              ? "it is not trusted as a root key"
              : "it is not trusted for prefix \"" + prefix + "\"",
          elsewhere.isEmpty() ? "" : "it is trusted elsewhere: " + String.join(", ", elsewhere));
    }
    try (Fd dir = directory(prefix)) {
      kernel.unlinkat(dir.number(), name, 0);
      kernel.fsync(dir.number());
    } catch (OsException e) {
      throw failed(e);
    }
    return Removal.REMOVED;
  }

  private boolean masked(String prefix, String name) throws EngineException {
    for (KeyFile file : keystore.all()) {
      if (file.mask()
          && file.local()
          && file.prefix().equals(prefix)
          && file.fingerprint().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static String normalized(String fingerprint) throws EngineException {
    StringBuilder out = new StringBuilder(Keystore.FINGERPRINT);
    for (int i = 0; i < fingerprint.length(); i++) {
      char c = fingerprint.charAt(i);
      if (c != ' ' && c != ':') {
        out.append(c >= 'A' && c <= 'F' ? (char) (c - 'A' + 'a') : c);
      }
    }
    String name = out.toString();
    name = name.startsWith("0x") ? name.substring(2) : name;
    if (name.length() != Keystore.FINGERPRINT || !Texts.isLowerHex(name, 0, name.length())) {
      throw EngineException.of(
          ErrorCode.USAGE,
          "cannot remove key " + Texts.quote(fingerprint),
          "a fingerprint has " + Keystore.FINGERPRINT + " hex digits",
          "see rkt trust list");
    }
    return name;
  }

  private Path write(String prefix, String name, byte[] content) throws EngineException {
    try (Fd dir = directory(prefix)) {
      Path through = Path.of("/proc/self/fd/" + dir.number(), name);
      AtomicFiles.writeAtomically(kernel, through, content, 0644);
      return path(prefix).resolve(name);
    } catch (OsException e) {
      throw failed(e);
    }
  }

  private Path path(String prefix) {
    Path base = keystore.localDir().resolve(Keystore.DIRECTORY);
    return prefix.isEmpty()
        ? base.resolve(Keystore.ROOT)
        : base.resolve(Keystore.PREFIXES).resolve(prefix);
  }

  /** Opens the directory of a prefix, made where it is missing. */
  private Fd directory(String prefix) throws EngineException, OsException {
    List<String> parts = new ArrayList<>();
    parts.add(prefix.isEmpty() ? Keystore.ROOT : Keystore.PREFIXES);
    if (!prefix.isEmpty()) {
      parts.addAll(Keystore.components(prefix));
    }
    Path base = keystore.localDir().toAbsolutePath();
    makeConfigurationDirectory(base);
    base = base.resolve(Keystore.DIRECTORY);
    make(Consts.AT_FDCWD, base.toString());
    Fd dir = Fd.directory(kernel, base.toString());
    Path shown = base;
    for (String part : parts) {
      shown = shown.resolve(part);
      try (Fd parent = dir) {
        make(parent.number(), part);
        dir = enter(parent, part, shown);
      }
    }
    return dir;
  }

  private Fd enter(Fd parent, String part, Path shown) throws EngineException, OsException {
    try {
      return Fd.openat(kernel, parent.number(), part, FOLLOW_NOTHING, 0);
    } catch (OsException e) {
      if (e.is(Errno.ELOOP) || e.is(Errno.ENOTDIR)) {
        throw new EngineException(
            ErrorCode.REFUSED,
            WRITING,
            shown + " is not a directory but a link or a file",
            "keys are only added to real directories",
            e);
      }
      throw e;
    }
  }

  private void make(int parent, String name) throws OsException {
    try {
      kernel.mkdirat(parent, name, 0755);
    } catch (OsException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      return;
    }
    // Whatever the umask: who checks images need not be who added the key.
    kernel.fchmodat(parent, name, 0755);
  }

  private void makeConfigurationDirectory(Path dir) throws OsException {
    try {
      make(Consts.AT_FDCWD, dir.toString());
    } catch (OsException e) {
      Path parent = dir.getParent();
      if (!e.is(Errno.ENOENT) || parent == null) {
        throw e;
      }
      makeConfigurationDirectory(parent);
      make(Consts.AT_FDCWD, dir.toString());
    }
  }

  private static EngineException failed(OsException e) {
    EngineException plain = BoundedFiles.failed(WRITING, e);
    return plain.code() == ErrorCode.PERMISSION
        ? new EngineException(
            plain.code(),
            WRITING,
            plain.why(),
            "only root and members of group rkt-admin can trust keys",
            e)
        : plain;
  }
}
