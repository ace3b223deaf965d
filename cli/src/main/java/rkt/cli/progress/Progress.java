package rkt.cli.progress;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import rkt.cli.Console;
import rkt.image.Transfer;
import rkt.os.Kernel;

/**
 * Everything that is being transferred, and the thread that draws it. For any number of threads.
 */
public final class Progress {
  private static final int STDERR = 2;

  private final Display display;
  private final LongSupplier clock;
  private final List<Task> active = new ArrayList<>();
  private long begun;
  private boolean drawing;

  Progress(Display display, LongSupplier clock) {
    this.display = display;
    this.clock = clock;
  }

  /** For the standard error of this process. */
  public static Progress of(ProgressMode mode, Console console) {
    return new Progress(display(mode, console, Kernel.linux()), System::nanoTime);
  }

  private static Display display(ProgressMode mode, Console console, Kernel kernel) {
    return switch (mode) {
      case JSON -> new JsonDisplay(console::event);
      case NONE -> new NoDisplay();
      case PLAIN -> new PlainDisplay(console::bare);
      case AUTO ->
          kernel.isatty(STDERR) && canMoveItsCursor(System.getenv("TERM"))
              ? new LiveDisplay(console::live, () -> kernel.windowSize(STDERR))
              : new PlainDisplay(console::bare);
    };
  }

  private static boolean canMoveItsCursor(@org.jspecify.annotations.Nullable String term) {
    return term != null && !term.isEmpty() && !term.equals("dumb");
  }

  /**
   * Begins to show a transfer.
   *
   * @param what as in {@link rkt.image.Diagnostics#transfer}
   * @param total bytes, negative when unknown
   */
  public synchronized Transfer begin(String what, long total) {
    long now = clock.getAsLong();
    Task task = new Task(this, ++begun, what, total, now);
    active.add(task);
    display.began(task.snapshot(now));
    if (!drawing && display.periodMillis() > 0) {
      drawing = true;
      Thread.ofPlatform().daemon().name("progress").start(this::draw);
    }
    return task;
  }

  synchronized void ended(Task task, String outcome) {
    if (active.remove(task)) {
      long now = clock.getAsLong();
      display.ended(task.snapshot(now), outcome, snapshots(now));
      if (active.isEmpty()) {
        notifyAll();
      }
    }
  }

  /** One picture of what goes on. */
  synchronized void tick() {
    long now = clock.getAsLong();
    for (Task task : active) {
      task.sample(now);
    }
    if (!active.isEmpty()) {
      display.tick(snapshots(now));
    }
  }

  private List<Snapshot> snapshots(long now) {
    List<Snapshot> all = new ArrayList<>(active.size());
    for (Task task : active) {
      all.add(task.snapshot(now));
    }
    return all;
  }

  private synchronized void draw() {
    while (!active.isEmpty()) {
      try {
        wait(display.periodMillis());
      } catch (InterruptedException e) {
        break;
      }
      tick();
    }
    drawing = false;
  }
}
