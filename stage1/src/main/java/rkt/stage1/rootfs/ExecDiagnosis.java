package rkt.stage1.rootfs;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.OsException;
import rkt.os.Stat;

/**
 * Says before the launch why a file would not start: it is missing, is no program, or needs a
 * loader or interpreter that is missing, recursively. {@code execve} answers all of these with "No
 * such file" about the wrong file.
 */
public final class ExecDiagnosis {
  /** As deep as the kernel follows interpreters (fs/exec.c). */
  private static final int MAX_DEPTH = 5;

  /** BINPRM_BUF_SIZE: as much of a script's first line as the kernel looks at. */
  private static final int MAX_HEAD = 256;

  private static final int MAX_INTERPRETER = 4096;
  private static final int MAX_PROGRAM_HEADERS = 1024;
  private static final int PT_INTERP = 3;

  private ExecDiagnosis() {}

  /**
   * A problem.
   *
   * @param why one sentence starting with {@code Error:}
   * @param remedy what it means, may be empty
   */
  public record Problem(String why, String remedy) {}

  /** The first thing that is wrong with executing a path inside the app, if anything is. */
  public static Optional<Problem> examine(AppTree tree, String path) throws OsException {
    return examine(tree, path, "", 0);
  }

  private static Optional<Problem> examine(AppTree tree, String path, String neededBy, int depth)
      throws OsException {
    if (depth > MAX_DEPTH) {
      return problem("Error: too many interpreters, the last one is \"" + path + "\"", "");
    }
    Optional<String> next;
    try (Fd file = tree.handle(path)) {
      Stat stat = tree.stat(file);
      if (stat.isDir()) {
        return problem("Error: \"" + path + "\" is a directory", neededBy);
      }
      if (!stat.isRegular()) {
        return problem("Error: \"" + path + "\" is not a regular file", neededBy);
      }
      if ((stat.mode() & 0111) == 0) {
        return problem("Error: \"" + path + "\" is not executable", neededBy);
      }
      int length = (int) Math.min(MAX_HEAD, stat.size());
      byte[] head = tree.readExactly(file, 0, length).orElse(new byte[0]);
      Optional<String> foreign = ProgramFormat.foreign(tree, head);
      if (foreign.isPresent()) {
        return problem("Error: \"" + path + "\" " + foreign.get(), ProgramFormat.REMEDY);
      }
      next = interpreter(tree, file, head);
    } catch (OsException e) {
      if (tree.isMadeUp(path)) {
        return Optional.empty();
      }
      return problem(
          "Error: Unable to open \"" + path + "\": " + Errno.message(e.errno()), neededBy);
    }
    if (next.isEmpty()) {
      return Optional.empty();
    }
    String reason = "the image lacks the file that \"" + path + "\" needs to start";
    return examine(tree, next.get(), reason, depth + 1);
  }

  private static Optional<Problem> problem(String why, String remedy) {
    return Optional.of(new Problem(why, remedy));
  }

  private static Optional<String> interpreter(AppTree tree, Fd file, byte[] head)
      throws OsException {
    if (head.length < 4) {
      return Optional.empty();
    }
    if (head[0] == '#' && head[1] == '!') {
      return scriptInterpreter(head);
    }
    boolean elf = head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
    return elf ? loader(tree, file, head) : Optional.empty();
  }

  private static Optional<String> scriptInterpreter(byte[] head) {
    int from = 2;
    while (from < head.length && (head[from] == ' ' || head[from] == '\t')) {
      from++;
    }
    int to = from;
    while (to < head.length && head[to] > ' ') {
      to++;
    }
    // A relative interpreter depends on the working directory: left to the kernel.
    return to > from && head[from] == '/'
        ? Optional.of(new String(head, from, to - from, StandardCharsets.UTF_8))
        : Optional.empty();
  }

  /** The PT_INTERP of an ELF file; empty for static and for malformed ones. */
  private static Optional<String> loader(AppTree tree, Fd file, byte[] head) throws OsException {
    if (head.length < 52) {
      return Optional.empty();
    }
    boolean wide = head[4] == 2;
    boolean little = head[5] == 1;
    if (wide && head.length < 64) {
      return Optional.empty();
    }
    Numbers header = new Numbers(head, little);
    long table = wide ? header.eight(32) : header.four(28);
    int entrySize = header.two(wide ? 54 : 42);
    int entries = header.two(wide ? 56 : 44);
    if (entrySize != (wide ? 56 : 32) || entries > MAX_PROGRAM_HEADERS || table < 0) {
      return Optional.empty();
    }
    Optional<byte[]> headers = tree.readExactly(file, table, entrySize * entries);
    if (headers.isEmpty()) {
      return Optional.empty();
    }
    Numbers program = new Numbers(headers.get(), little);
    for (int i = 0; i < entries; i++) {
      int at = i * entrySize;
      if (program.four(at) == PT_INTERP) {
        long offset = wide ? program.eight(at + 8) : program.four(at + 4);
        long length = wide ? program.eight(at + 32) : program.four(at + 16);
        return text(tree, file, offset, length);
      }
    }
    return Optional.empty();
  }

  private static Optional<String> text(AppTree tree, Fd file, long offset, long length)
      throws OsException {
    if (offset < 0 || length < 2 || length > MAX_INTERPRETER) {
      return Optional.empty();
    }
    Optional<byte[]> bytes = tree.readExactly(file, offset, (int) length);
    if (bytes.isEmpty() || bytes.get()[0] != '/') {
      return Optional.empty();
    }
    int end = 0;
    while (end < length && bytes.get()[end] != 0) {
      end++;
    }
    return Optional.of(new String(bytes.get(), 0, end, StandardCharsets.UTF_8));
  }

  /** Unsigned numbers in an ELF file's byte order; an eight-byte one may come out negative. */
  private record Numbers(byte[] bytes, boolean little) {
    int two(int at) {
      return (int) number(at, 2);
    }

    long four(int at) {
      return number(at, 4);
    }

    long eight(int at) {
      return number(at, 8);
    }

    private long number(int at, int size) {
      long value = 0;
      for (int i = 0; i < size; i++) {
        int index = little ? at + size - 1 - i : at + i;
        value = value << 8 | bytes[index] & 0xff;
      }
      return value;
    }
  }
}
