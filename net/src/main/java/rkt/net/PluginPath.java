package rkt.net;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.Texts;

/** The directories that are searched for plugins; the first one that has it counts. */
public record PluginPath(List<Path> directories) {
  /** Where distributions and administrators put plugins. */
  public static final List<Path> OF_THE_HOST =
      List.of(
          Path.of("/usr/lib/rkt/plugins/net"),
          Path.of("/opt/cni/bin"),
          Path.of("/usr/libexec/cni"),
          Path.of("/usr/lib/cni"));

  public PluginPath {
    directories = List.copyOf(directories);
  }

  /** As {@code CNI_PATH} has it. */
  String variable() {
    StringBuilder out = new StringBuilder();
    for (Path each : directories) {
      out.append(out.isEmpty() ? "" : ":").append(each);
    }
    return out.toString();
  }

  Optional<Path> find(Kernel kernel, String type) {
    for (Path directory : directories) {
      Path candidate = directory.resolve(type);
      try {
        if (kernel.fstatat(Consts.AT_FDCWD, candidate.toString(), 0).isRegular()) {
          return Optional.of(candidate);
        }
      } catch (OsException notThere) {
        continue;
      }
    }
    return Optional.empty();
  }

  Path get(Kernel kernel, String type, String network) throws EngineException {
    Optional<Path> found = find(kernel, type);
    if (found.isPresent()) {
      return found.get();
    }
    throw EngineException.of(
        ErrorCode.NOT_FOUND,
        "error adding network " + Texts.quote(network),
        "Could not find plugin " + Texts.quote(type) + " in " + directories,
        "install it there, for example with the package containernetworking-plugins");
  }
}
