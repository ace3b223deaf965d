package rkt.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.FileLock;
import rkt.os.Kernel;
import rkt.os.OsException;

/**
 * The sign of a running writer: a file in {@code leases/} that its process holds locked, so that it
 * dies with the process. It protects the writer's entries in {@code tmp/}, whose names begin with
 * its own, and the content it has pinned by name.
 *
 * <p>Why this is safe against a gc at any moment: content is pinned and looked for under the shared
 * sweep lock, and gc reads the pins and moves garbage away under the exclusive one. So either gc
 * sees the pin, or the writer sees that the content is gone.
 */
final class Lease implements AutoCloseable {
  private static final AtomicLong SEQUENCE = new AtomicLong();
  private static final int MAX_PIN_BYTES = 16 << 20;

  private final Layout layout;
  private final Kernel kernel;
  private final String name;
  private final FileLock lock;
  private final AtomicInteger temporaries = new AtomicInteger();
  private @Nullable Path together;
  private int inTogether;

  private Lease(Layout layout, String name, FileLock lock) {
    this.layout = layout;
    this.kernel = layout.kernel();
    this.name = name;
    this.lock = lock;
  }

  static Lease begin(Layout layout) throws IOException {
    layout.prepare();
    Kernel kernel = layout.kernel();
    String name =
        kernel.getpid()
            + "-"
            + Long.toHexString(System.nanoTime())
            + "-"
            + SEQUENCE.incrementAndGet();
    return new Lease(layout, name, FileLock.keyExclusive(kernel, layout.leases().resolve(name)));
  }

  /** A fresh name in {@code tmp/}, removed with the lease. */
  Path temporary() {
    return layout.temporary().resolve(name + "." + temporaries.incrementAndGet());
  }

  /**
   * A fresh name in one directory of this lease's own in {@code tmp/}. Trees that belong together
   * lie near each other there, and away from what others have just removed; see {@link
   * Layout#prepare}.
   */
  synchronized Path temporaryTogether() throws OsException {
    if (together == null) {
      Path made = temporary();
      kernel.mkdirat(Consts.AT_FDCWD, made.toString(), 0700);
      together = made;
    }
    return together.resolve(Integer.toString(++inTogether));
  }

  /** Keeps content from gc; call it, and look for the content after it, under the sweep lock. */
  synchronized void pin(String key) throws OsException {
    byte[] line = (key + "\n").getBytes(StandardCharsets.UTF_8);
    kernel.write(lock.fd().number(), line, 0, line.length);
  }

  @Override
  public void close() throws OsException {
    OsException first = null;
    for (int i = 1; i <= temporaries.get(); i++) {
      try {
        kernel.removeTree(Consts.AT_FDCWD, layout.temporary().resolve(name + "." + i).toString());
      } catch (OsException e) {
        first = first == null ? e : first;
      }
    }
    // While the lock is still held, so that nobody takes the name for a dead writer's.
    try (lock) {
      kernel.unlinkat(Consts.AT_FDCWD, layout.leases().resolve(name).toString(), 0);
    } catch (OsException e) {
      first = first == null ? e : first;
    }
    if (first != null) {
      throw first;
    }
  }

  /** Closes after a failure, which stays the headline. */
  void closeAfter(Throwable failure) {
    try {
      close();
    } catch (OsException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * The writers that live, and what they have pinned.
   *
   * @param names of living leases
   */
  record Living(Set<String> names, Set<String> pins) {
    /** Whether an entry of {@code tmp/} belongs to a living writer. */
    boolean owns(String temporary) {
      int dot = temporary.lastIndexOf('.');
      return dot > 0 && names.contains(temporary.substring(0, dot));
    }
  }

  /**
   * @param tidy remove the leases of dead writers
   * @param odd told of what is there and is no lease of ours
   */
  static Living living(Layout layout, List<String> leases, boolean tidy, Consumer<String> odd)
      throws IOException {
    Set<String> names = new HashSet<>();
    Set<String> pins = new HashSet<>();
    for (String lease : leases) {
      Path path = layout.leases().resolve(lease);
      try {
        // Whatever is none keeps nothing: nobody but root and its writers adds one.
        layout.openFile(path).close();
        living(layout, path, tidy, names, pins);
      } catch (ForeignEntry e) {
        odd.accept(e.getMessage());
      } catch (OsException e) {
        // Its writer ended meanwhile.
        if (!e.is(Errno.ENOENT)) {
          throw e;
        }
      }
    }
    return new Living(names, pins);
  }

  private static void living(
      Layout layout, Path path, boolean tidy, Set<String> names, Set<String> pins)
      throws IOException {
    try (FileLock dead = FileLock.tryExclusive(layout.kernel(), path).orElse(null)) {
      if (dead == null) {
        names.add(String.valueOf(path.getFileName()));
        byte[] text = layout.readFile(path, MAX_PIN_BYTES);
        pins.addAll(List.of(new String(text, StandardCharsets.UTF_8).split("\n")));
      } else if (tidy) {
        layout.kernel().unlinkat(Consts.AT_FDCWD, path.toString(), 0);
      }
    }
  }
}
