package rkt.net;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;

/**
 * How to undo a pod's networking: NUL-terminated {@code key=value} strings, the calls in the order
 * in which they are made. The other reader is native/supervisor/teardown.c.
 *
 * @param namespace the mount of the namespace, if rkt made it
 * @param calls what to run
 * @param reclaim directories of host-local in which addresses of this pod may be left
 */
record TeardownFile(Optional<Path> namespace, List<PluginCall> calls, List<Path> reclaim) {
  /** Its name in the pod's directory. */
  static final String NAME = "net/teardown";

  private static final String VERSION = "version=1";
  private static final int MAX_FILE = 8 << 20;

  TeardownFile {
    calls = List.copyOf(calls);
    reclaim = List.copyOf(reclaim);
  }

  byte[] bytes() {
    StringBuilder out = new StringBuilder(4096);
    out.append(VERSION).append('\0');
    if (namespace.isPresent()) {
      put(out, "netns", namespace.get().toString());
    }
    for (Path each : reclaim) {
      put(out, "reclaim", each.toString());
    }
    for (PluginCall call : calls) {
      put(out, "call", call.label());
      put(out, "program", call.program());
      for (String each : call.arguments()) {
        put(out, "arg", each);
      }
      for (String each : call.environment()) {
        put(out, "env", each);
      }
      put(out, "apart", call.variable("CNI_COMMAND").isEmpty() ? "1" : "0");
      put(out, "check", call.check() ? "1" : "0");
      put(out, "stdin", call.input());
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void put(StringBuilder out, String key, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(key + " contains a NUL character");
    }
    out.append(key).append('=').append(value).append('\0');
  }

  /** The pod's file; null when there is nothing to undo. */
  static @Nullable TeardownFile read(Kernel kernel, int podDir) throws OsException {
    try (Fd fd =
        Fd.openat(
            kernel, podDir, NAME, Consts.O_RDONLY | Consts.O_NOFOLLOW | Consts.O_NONBLOCK, 0)) {
      return parse(SmallFiles.read(kernel, fd, NAME, MAX_FILE));
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return null;
      }
      throw e;
    }
  }

  /** What is torn or unknown ends it: what was read before is still worth doing. */
  static TeardownFile parse(byte[] bytes) {
    Reading reading = new Reading();
    String text = new String(bytes, StandardCharsets.UTF_8);
    int from = 0;
    while (from < text.length()) {
      int end = text.indexOf('\0', from);
      if (end < 0) {
        break;
      }
      reading.entry(text.substring(from, end));
      from = end + 1;
    }
    return reading.file();
  }

  private static final class Reading {
    private Optional<Path> namespace = Optional.empty();
    private final List<PluginCall> calls = new ArrayList<>();
    private final List<Path> reclaim = new ArrayList<>();
    private String label = "";
    private String program = "";
    private boolean check;
    private List<String> arguments = new ArrayList<>();
    private List<String> environment = new ArrayList<>();

    void entry(String entry) {
      int equals = entry.indexOf('=');
      String key = equals < 0 ? entry : entry.substring(0, equals);
      String value = entry.substring(equals + 1);
      switch (key) {
        case "netns" -> namespace = Optional.of(Path.of(value));
        case "reclaim" -> reclaim.add(Path.of(value));
        case "call" -> {
          label = value;
          arguments = new ArrayList<>();
          environment = new ArrayList<>();
        }
        case "program" -> program = value;
        case "arg" -> arguments.add(value);
        case "env" -> environment.add(value);
        case "check" -> check = value.equals("1");
        // The last of each call.
        case "stdin" ->
            calls.add(new PluginCall(label, program, arguments, environment, value, check));
        default -> {}
      }
    }

    TeardownFile file() {
      return new TeardownFile(namespace, calls, reclaim);
    }
  }
}
