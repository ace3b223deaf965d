package rkt.pod.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import rkt.os.Consts;
import rkt.os.Errno;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.os.Stat;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;

/**
 * Reads the configuration directories. A missing one is empty. Only fixed sub-directories are read,
 * and in them only regular files ending {@code .json}, in the order of their names; links and
 * directories are passed over, so that an editor's leftovers or a mounted volume configure nothing.
 */
public final class ConfigLoader {
  private static final String ATTEMPTED = "cannot get configuration";
  private static final int MAX_FILE = 1 << 20;

  /** A sub-directory and the kinds that may be in it. */
  private enum SubDirectory {
    AUTH("auth.d", "auth", "dockerAuth"),
    REGISTRIES("registries.d", "registries"),
    PATHS("paths.d", "paths"),
    STAGE1("stage1.d", "stage1"),
    RUNTIME("runtime.d", "runtime");

    private final String dirName;
    private final List<String> kinds;

    SubDirectory(String dirName, String... kinds) {
      this.dirName = dirName;
      this.kinds = List.of(kinds);
    }
  }

  private final Kernel kernel;

  public ConfigLoader(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Everything configured. */
  public Config load(ConfigDirs dirs) throws EngineException {
    Config merged = Config.EMPTY;
    for (Path dir : dirs.inOrder()) {
      try {
        merged = merged.overriddenBy(loadDirectory(dir));
      } catch (SchemaException e) {
        throw EngineException.of(ATTEMPTED, e);
      } catch (IOException e) {
        throw new EngineException(
            ErrorCode.SYSTEM, ATTEMPTED, String.valueOf(e.getMessage()), "", e);
      }
    }
    return merged;
  }

  private Config loadDirectory(Path dir) throws IOException, EngineException {
    if (!isDirectory(dir)) {
      return Config.EMPTY;
    }
    ConfigDirectory collected = new ConfigDirectory();
    for (SubDirectory sub : SubDirectory.values()) {
      Path path = dir.resolve(sub.dirName);
      if (isDirectory(path)) {
        for (String name : jsonFiles(path)) {
          loadFile(path, path.resolve(name), sub, collected);
        }
      }
    }
    return collected.finish();
  }

  private boolean isDirectory(Path dir) throws OsException, EngineException {
    Stat stat;
    try {
      stat = kernel.fstatat(Consts.AT_FDCWD, dir.toString(), 0);
    } catch (OsException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
    if (!stat.isDir()) {
      throw EngineException.of(
          ErrorCode.INVALID, ATTEMPTED, "expected \"" + dir + "\" to be a directory");
    }
    return true;
  }

  private List<String> jsonFiles(Path dir) throws OsException {
    List<String> out = new ArrayList<>();
    try (Fd fd = Fd.directory(kernel, dir.toString())) {
      for (String name : kernel.list(fd.number())) {
        if (name.endsWith(".json")
            && kernel.fstatat(fd.number(), name, Consts.AT_SYMLINK_NOFOLLOW).isRegular()) {
          out.add(name);
        }
      }
    }
    Collections.sort(out);
    return out;
  }

  private void loadFile(Path dir, Path file, SubDirectory sub, ConfigDirectory collected)
      throws IOException, EngineException {
    byte[] bytes = SmallFiles.read(kernel, file.toString(), MAX_FILE);
    try {
      JsonObject document = Json.parseObject(bytes, "");
      String kind = document.string("rktKind", "");
      String version = document.string("rktVersion", "");
      if (kind.isEmpty()) {
        throw invalid("no rktKind specified in \"" + file + "\"");
      }
      if (version.isEmpty()) {
        throw invalid("no rktVersion specified in \"" + file + "\"");
      }
      if (!sub.kinds.contains(kind)) {
        throw invalid(
            "the configuration directory \""
                + dir
                + "\" expects to have configuration files of kinds "
                + quoted(sub.kinds)
                + ", but \""
                + file
                + "\" has kind of \""
                + kind
                + "\"");
      }
      if (!version.equals("v1")) {
        throw invalid(
            "failed to parse \""
                + file
                + "\": no parser available for configuration of kind \""
                + kind
                + "\" and version \""
                + version
                + "\"");
      }
      collected.add(kind, document);
    } catch (SchemaException e) {
      throw new EngineException(
          ErrorCode.INVALID,
          ATTEMPTED,
          "failed to parse \"" + file + "\": " + e.getMessage(),
          "",
          e);
    }
  }

  private static EngineException invalid(String why) {
    return EngineException.of(ErrorCode.INVALID, ATTEMPTED, why);
  }

  private static String quoted(List<String> words) {
    StringBuilder out = new StringBuilder();
    for (String word : words) {
      out.append(out.isEmpty() ? "" : ", ").append('"').append(word).append('"');
    }
    return out.toString();
  }
}
