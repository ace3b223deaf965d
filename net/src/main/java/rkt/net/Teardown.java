package rkt.net;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.Texts;

/**
 * Undoes the networking of a pod that no process lives in any more, by what {@code net/teardown} in
 * its directory says. Needs the pod's exclusive lock. Doing it twice is harmless; a step that fails
 * is reported and does not keep the next ones: a plugin that somebody removed must not keep the
 * pod, its addresses or its namespace for ever.
 */
public final class Teardown {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  static final Path NAMESPACES = Path.of("/run/netns");
  private static final String PREFIX = "cni-";

  private final Kernel kernel;
  private final NetLog log;
  private final PluginPath plugins;

  public Teardown(Kernel kernel, NetLog log, PluginPath plugins) {
    this.kernel = kernel;
    this.log = log;
    this.plugins = plugins;
  }

  /** Where the namespace of a pod is mounted. */
  static Path namespace(String uuid) {
    return NAMESPACES.resolve(PREFIX + uuid);
  }

  /** The pods whose namespaces are mounted, of whatever data directory. */
  static List<String> namespaces(Kernel kernel) throws OsException {
    List<String> out = new ArrayList<>();
    try (Fd dir = Fd.directory(kernel, NAMESPACES.toString())) {
      for (String name : kernel.list(dir.number())) {
        if (name.startsWith(PREFIX)) {
          out.add(name.substring(PREFIX.length()));
        }
      }
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
    return out;
  }

  /**
   * Undoes everything.
   *
   * @param podDir the open pod directory
   * @param pod its path, for the plugins' files
   */
  public void run(int podDir, Path pod, String uuid) throws OsException {
    TeardownFile file = TeardownFile.read(kernel, podDir);
    Path namespace = namespace(uuid);
    if (file != null) {
      boolean clean = true;
      boolean there = exists(namespace) || file.namespace().isEmpty();
      PluginRunner runner = new PluginRunner(kernel, pod.resolve("net"));
      for (PluginCall call : file.calls()) {
        // After a reboot the namespace is gone, which plugins are told by an empty variable.
        clean &= run(runner, there ? call : call.with("CNI_NETNS", ""));
      }
      if (!clean) {
        for (Path dir : file.reclaim()) {
          new Reservations(kernel, log).free(dir, uuid);
        }
      }
    }
    remove(namespace);
    if (file != null) {
      kernel.unlinkat(podDir, TeardownFile.NAME, 0);
    }
  }

  private boolean run(PluginRunner runner, PluginCall call) {
    log.debug("teardown - executing net-plugin " + call.label());
    try {
      PluginCall found = call;
      if (!exists(Path.of(call.program()))) {
        String name = String.valueOf(Path.of(call.program()).getFileName());
        Optional<Path> elsewhere = plugins.find(kernel, name);
        if (elsewhere.isPresent()) {
          found = call.at(elsewhere.get().toString());
        }
      }
      PluginRunner.Outcome outcome = runner.run(found, LIMIT);
      if (outcome.succeeded()) {
        return true;
      }
      String said = Answers.error(outcome.output());
      log.note(
          "error deleting "
              + Texts.quote(call.label())
              + ": "
              + (said.isEmpty() ? outcome.trouble(LIMIT) : said));
    } catch (OsException e) {
      log.note("error deleting " + Texts.quote(call.label()) + ": " + e.getMessage());
    }
    return false;
  }

  private boolean exists(Path path) throws OsException {
    try {
      kernel.fstatat(Consts.AT_FDCWD, path.toString(), 0);
      return true;
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return false;
      }
      throw e;
    }
  }

  /** Takes the mount and its file away; the namespace ends when nobody uses it any more. */
  private void remove(Path namespace) throws OsException {
    String name = namespace.toString();
    try {
      kernel.umount(name, Consts.MNT_DETACH | Consts.UMOUNT_NOFOLLOW);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return;
      }
      // EINVAL: not a mount point, as after a reboot.
      if (!e.is(Errno.EINVAL)) {
        throw e;
      }
    }
    try {
      kernel.unlinkat(Consts.AT_FDCWD, name, 0);
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }
}
