package rkt.net;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import rkt.os.Child;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;

/**
 * Runs plugins. Input and output are files that have no name any more, so no plugin can hang us by
 * a pipe it leaves open or fills; its standard error is ours.
 */
final class PluginRunner {
  private static final int MAX_OUTPUT = 1 << 20;

  private final Kernel kernel;
  private final Path scratch;

  /**
   * @param scratch a directory for its files
   */
  PluginRunner(Kernel kernel, Path scratch) {
    this.kernel = kernel;
    this.scratch = scratch;
  }

  /**
   * How it ended.
   *
   * @param status as of {@link Child#await}
   * @param output what it wrote to standard output
   */
  record Outcome(int status, byte[] output) {
    boolean succeeded() {
      return status == 0;
    }

    String text() {
      return new String(output, StandardCharsets.UTF_8).strip();
    }

    /** Why there is no usable answer. */
    String trouble(Duration limit) {
      if (status == Child.TOO_MUCH) {
        return "it wrote more than " + (MAX_OUTPUT >> 20) + " MiB and was killed";
      }
      if (status == Child.TOO_LONG) {
        return "it did not end within " + limit.toSeconds() + " s and was killed";
      }
      return status > 128 ? "it was killed by signal " + (status - 128) : "exit status " + status;
    }
  }

  Outcome run(PluginCall call, Duration limit) throws OsException {
    List<String> argv = new ArrayList<>(call.arguments().size() + 1);
    argv.add(call.program());
    argv.addAll(call.arguments());
    try (Fd in = file("in");
        Fd out = file("out")) {
      byte[] input = call.input().getBytes(StandardCharsets.UTF_8);
      kernel.write(in.number(), input, 0, input.length);
      kernel.lseek(in.number(), 0, Consts.SEEK_SET);
      Child child =
          Child.start(
              kernel, call.program(), argv, call.environment(), in.number(), out.number(), 2);
      int status = child.await(limit, out, MAX_OUTPUT);
      if (status == Child.TOO_MUCH) {
        return new Outcome(status, new byte[0]);
      }
      kernel.lseek(out.number(), 0, Consts.SEEK_SET);
      return new Outcome(status, SmallFiles.read(kernel, out, call.program(), MAX_OUTPUT));
    }
  }

  private Fd file(String name) throws OsException {
    String path = scratch.resolve(".plugin-" + name).toString();
    int flags = Consts.O_RDWR | Consts.O_CREAT | Consts.O_EXCL | Consts.O_NOFOLLOW;
    try {
      kernel.unlinkat(Consts.AT_FDCWD, path, 0); // of one who was killed just here
    } catch (OsException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
    Fd fd = Fd.open(kernel, path, flags, 0600);
    kernel.unlinkat(Consts.AT_FDCWD, path, 0);
    return fd;
  }
}
