package rkt.net;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
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
    return NAMESPACES.resolve("cni-" + uuid);
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
          reclaim(dir, uuid);
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

  /**
   * Frees the addresses that host-local reserved for a pod when its plugin could not: one file per
   * address, whose first line is the pod (host-local's own rule for DEL, under its own lock).
   */
  private void reclaim(Path dir, String uuid) {
    try (FileLock lock = FileLock.exclusive(kernel, dir.resolve("lock"));
        Fd open = Fd.directory(kernel, dir.toString())) {
      List<String> names = kernel.list(open.number());
      for (String name : names) {
        if (!name.isEmpty() && Character.isDigit(name.charAt(0)) || name.indexOf(':') >= 0) {
          String text = SmallFiles.readText(kernel, dir.resolve(name).toString(), 4096);
          String owner = text.strip();
          int line = owner.indexOf('\n');
          if ((line < 0 ? owner : owner.substring(0, line).strip()).equals(uuid)) {
            kernel.unlinkat(open.number(), name, 0);
            log.note("freed address " + name + " in " + dir);
          }
        }
      }
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT)) {
        log.note("cannot free the pod's addresses in " + dir + ": " + e.getMessage());
      }
    }
  }
}
