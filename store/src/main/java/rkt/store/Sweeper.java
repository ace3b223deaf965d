package rkt.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.store.GcDecision.Thing;

/** Carries out what gc decided, or only notes it; goes on after a failure. */
final class Sweeper {
  private final Kernel kernel;
  private final boolean dryRun;
  private final List<GcDecision> decisions = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private int removedFiles;
  private long freed;

  /** Of what was put aside and is not gone yet. */
  private long aside;

  Sweeper(Kernel kernel, boolean dryRun) {
    this.kernel = kernel;
    this.dryRun = dryRun;
  }

  /** Something that may fail without ending the sweep. */
  interface Step {
    void run() throws IOException;
  }

  boolean attempt(String what, Step step) {
    try {
      step.run();
      return true;
    } catch (IOException e) {
      // A writer that ended meanwhile has cleaned up itself.
      if (!(e instanceof OsException os && os.is(Errno.ENOENT))) {
        failures.add(what + ": " + e.getMessage());
      }
      return false;
    }
  }

  void note(Thing thing, String what, boolean kept, String why, long bytes) {
    decisions.add(new GcDecision(thing, what, kept, why, bytes));
  }

  /** Something that is not ours, or not known: it stays, and whoever reads the report is told. */
  void odd(String message) {
    failures.add(message);
  }

  void keep(Thing thing, String name, Fd dir, String why) {
    attempt(name, () -> note(thing, name, true, why, stat(dir, name).size()));
  }

  /** Removes a name from a directory; a directory is none of the files of the store, and stays. */
  void discard(Thing thing, String name, Fd dir, String why) {
    discard(thing, name, dir, name, why);
  }

  /**
   * @param shown what the file is called for the user
   */
  void discard(Thing thing, String name, Fd dir, String shown, String why) {
    attempt(
        name,
        () -> {
          Stat stat = stat(dir, name);
          if (stat.isDir()) {
            odd(name + " is a directory where rkt has files: it is left alone");
            return;
          }
          if (!dryRun) {
            kernel.unlinkat(dir.number(), name, 0);
          }
          removed(thing, shown, size(stat), why);
        });
  }

  /** Removes something of root's own, with all that is in it. */
  void discardTree(Thing thing, String what, Path path, String why) {
    attempt(
        what,
        () -> {
          Stat stat = stat(path);
          long bytes = stat.isDir() ? TreeSize.of(kernel, path) : size(stat);
          if (!dryRun) {
            kernel.removeTree(Consts.AT_FDCWD, path.toString());
          }
          removed(thing, what, bytes, why);
        });
  }

  /** What removing one name of it gives back. */
  private static long size(Stat stat) {
    return stat.isRegular() && stat.nlink() == 1 ? stat.size() : 0;
  }

  private void removed(Thing thing, String what, long bytes, String why) {
    freed += bytes;
    removedFiles++;
    note(thing, what, false, why, bytes);
  }

  /**
   * Puts a directory aside, to be removed after the lock was given back.
   *
   * @param bytes what that will give back
   * @return false when that failed
   */
  boolean trash(Thing thing, String what, Path path, long bytes, Lease trash, String why) {
    return attempt(
        thing.word() + " " + what,
        () -> {
          if (!dryRun) {
            String target = trash.temporary().toString();
            kernel.renameat2(Consts.AT_FDCWD, path.toString(), Consts.AT_FDCWD, target, 0);
          }
          removedFiles++;
          aside += bytes;
          note(thing, what, false, why, bytes);
        });
  }

  /** Removes what was put aside; only then it is freed. */
  void empty(Lease trash) {
    if (attempt("tmp", trash::close)) {
      freed += aside;
      aside = 0;
    }
  }

  private Stat stat(Fd dir, String name) throws OsException {
    return kernel.fstatat(dir.number(), name, Consts.AT_SYMLINK_NOFOLLOW);
  }

  private Stat stat(Path path) throws OsException {
    return kernel.fstatat(Consts.AT_FDCWD, path.toString(), Consts.AT_SYMLINK_NOFOLLOW);
  }

  GcReport report(List<String> removedTrees, List<RemovalResult> images) {
    return new GcReport(removedTrees, images, removedFiles, freed, failures, decisions);
  }
}
