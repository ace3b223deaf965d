package rkt.pod;

import java.time.Duration;
import java.time.InstantSource;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.Stat;
import rkt.schema.EngineException;
import rkt.schema.appc.PodUuid;

/**
 * {@code rkt gc}: marks what has ended and removes what was marked long enough ago.
 *
 * <p>Safe beside anything: every step is taken under the pod's exclusive lock, a pod that somebody
 * holds is skipped, and one that moved between listing and locking is left to whoever moved it. One
 * pod's failure is reported and does not keep the others.
 */
public final class GarbageCollector {
  private final PodStore pods;
  private final Kernel kernel;
  private final Reporter reporter;
  private final PodRemains remains;
  private final InstantSource clock;

  GarbageCollector(PodStore pods, Reporter reporter, InstantSource clock) {
    this.pods = pods;
    this.kernel = pods.kernel();
    this.reporter = reporter;
    this.remains = new PodRemains(pods, reporter);
    this.clock = clock;
  }

  /** Speaks through the reporter; throws only when the pods cannot be listed. */
  public void collect(GcRequest request) throws EngineException {
    forEach(PodDirectory.RUN, this::markExited);
    forEach(PodDirectory.PREPARE, pod -> mark(pod, PodDirectory.GARBAGE, "moving failed prepare"));
    if (request.markOnly()) {
      return;
    }
    forEach(PodDirectory.EMBRYO, this::removeEmbryo);
    forEach(
        PodDirectory.PREPARED,
        pod -> {
          if (age(pod).compareTo(request.expirePrepared()) >= 0) {
            mark(pod, PodDirectory.GARBAGE, "moving expired prepared pod");
          }
        });
    forEach(PodDirectory.EXITED_GARBAGE, pod -> sweep(pod, request.gracePeriod()));
    forEach(PodDirectory.GARBAGE, remains::destroy);
    sweepTmp(request.gracePeriod());
    try {
      // A prepare that was killed between claiming IDs and noting them down.
      new IdRanges(pods).sweep();
    } catch (OsException e) {
      throw Failures.system("clean ranges of user IDs", e);
    }
  }

  private interface Step {
    void take(Pod pod) throws EngineException, OsException;
  }

  private void forEach(PodDirectory directory, Step step) throws EngineException {
    for (PodUuid uuid : pods.uuids(directory)) {
      try (Pod pod = pods.open(uuid, directory)) {
        if (pod != null && pod.tryLock() && pod.inPlace()) {
          step.take(pod);
        }
      } catch (EngineException e) {
        reporter.note("", e.getMessage() == null ? e.toString() : e.getMessage());
      } catch (OsException e) {
        reporter.note("", "unable to remove pod \"" + uuid.value() + "\": " + e.getMessage());
      }
    }
  }

  /** What it holds of the network others may need before it is removed: addresses, ports. */
  private void markExited(Pod pod) throws OsException {
    remains.releaseNetwork(pod);
    mark(pod, PodDirectory.EXITED_GARBAGE, "moving pod");
  }

  private void mark(Pod pod, PodDirectory target, String message) throws OsException {
    reporter.note("", message + " \"" + pod.uuid().value() + "\" to garbage");
    pod.move(target);
  }

  /**
   * Its maker died before the first move. Only an empty one is removed: that is all an embryo can
   * be.
   */
  private void removeEmbryo(Pod pod) throws OsException {
    kernel.unlinkat(Consts.AT_FDCWD, pod.path().toString(), Consts.AT_REMOVEDIR);
  }

  private void sweep(Pod pod, Duration grace) throws EngineException, OsException {
    String uuid = pod.uuid().value();
    if (age(pod).compareTo(grace) < 0) {
      reporter.note(
          "",
          "pod \""
              + uuid
              + "\" not removed: still within grace period ("
              + GoDuration.format(grace)
              + ")");
      return;
    }
    reporter.out("Garbage collecting pod \"" + uuid + "\"");
    remains.destroy(pod);
  }

  /**
   * How long ago the directory was moved to where it is. A time in the future means that the clock
   * was set back: the pod is marked again, now, or it would stay until that future comes.
   */
  private Duration age(Pod pod) throws OsException {
    Stat stat = kernel.fstat(pod.fd());
    Duration age = Duration.between(changed(stat), clock.instant());
    if (age.isNegative()) {
      kernel.fchmod(pod.fd(), stat.permissions());
      return Duration.ZERO;
    }
    return age;
  }

  private static java.time.Instant changed(Stat stat) {
    return java.time.Instant.ofEpochSecond(stat.ctimeSec(), stat.ctimeNsec());
  }

  /**
   * What an export or a copy that was killed left in {@code <data>/tmp}; a live one holds a lock on
   * its entry.
   */
  private void sweepTmp(Duration grace) throws EngineException {
    try (Fd tmp = Fd.directory(kernel, pods.layout().tmp().toString())) {
      for (String name : kernel.list(tmp.number())) {
        sweepTmpEntry(tmp.number(), name, grace);
      }
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT)) {
        throw Failures.system("clean temporary files", e);
      }
    }
  }

  private void sweepTmpEntry(int tmp, String name, Duration grace) throws OsException {
    int flags = Consts.O_RDONLY | Consts.O_NOFOLLOW | Consts.O_NONBLOCK;
    try (Fd entry = Fd.openat(kernel, tmp, name, flags, 0)) {
      Duration age = Duration.between(changed(kernel.fstat(entry.number())), clock.instant());
      boolean old = age.compareTo(grace) >= 0 || grace.isZero();
      if (old && kernel.tryFlock(entry.number(), Consts.LOCK_EX)) {
        kernel.removeTree(tmp, name);
      }
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT) && !e.is(Errno.ELOOP) && !e.is(Errno.ENXIO)) {
        throw e;
      }
    }
  }
}
