package rkt.image.auth;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import rkt.image.Diagnostics;
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

/**
 * What {@code docker login} and {@code podman login} left: {@code $REGISTRY_AUTH_FILE} alone when
 * it is set, else {@code $XDG_RUNTIME_DIR/containers/auth.json} and {@code config.json} in {@code
 * $DOCKER_CONFIG} or {@code ~/.docker}. Read when a registry asks who we are, and not before.
 *
 * <p>Such a file names programs to run and secrets to send. With {@code sudo} the home directory
 * may be another user's, so a file counts only when it belongs to the caller or to root and nobody
 * else may write to it.
 */
public final class DockerLogins {
  private static final int MAX_FILE = 1 << 20;
  private static final int WRITABLE_BY_OTHERS = 0022;

  private final Kernel kernel;
  private final List<Path> files;
  private final Map<String, String> environment;
  private final Diagnostics diagnostics;
  private final Map<Credentialed, Optional<Credential>> answers = new HashMap<>();
  private @Nullable List<DockerLoginFile> read;

  private record Credentialed(String helper, String server) {}

  DockerLogins(
      Kernel kernel, List<Path> files, Map<String, String> environment, Diagnostics diagnostics) {
    this.kernel = kernel;
    this.files = List.copyOf(files);
    this.environment = Map.copyOf(environment);
    this.diagnostics = diagnostics;
  }

  /** The files and helpers an environment points to. */
  public static DockerLogins of(
      Kernel kernel, Map<String, String> environment, Diagnostics diagnostics) {
    return new DockerLogins(kernel, files(environment), environment, diagnostics);
  }

  private static List<Path> files(Map<String, String> environment) {
    List<Path> files = new ArrayList<>();
    String chosen = environment.getOrDefault("REGISTRY_AUTH_FILE", "");
    if (!chosen.isEmpty()) {
      files.add(Path.of(chosen));
      return files;
    }
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    if (runtime.startsWith("/")) {
      files.add(Path.of(runtime, "containers", "auth.json"));
    }
    String docker = environment.getOrDefault("DOCKER_CONFIG", "");
    String home = environment.getOrDefault("HOME", "");
    if (!docker.isEmpty()) {
      files.add(Path.of(docker, "config.json"));
    } else if (home.startsWith("/")) {
      files.add(Path.of(home, ".docker", "config.json"));
    }
    return files;
  }

  /** The first file that knows the repository decides. */
  synchronized Optional<Credential> find(String host, String repository) throws EngineException {
    for (DockerLoginFile file : read()) {
      Optional<Credential> found = find(file, host, repository);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<Credential> find(DockerLoginFile file, String host, String repository)
      throws EngineException {
    Optional<String> helper = file.helper(host);
    if (helper.isPresent()) {
      return ask(file, helper.get(), host);
    }
    Optional<Credential> written = ConfiguredCredentials.longest(file.auths(), host, repository);
    if (written.isPresent() || file.store().isEmpty()) {
      return written;
    }
    return ask(file, file.store().get(), host);
  }

  /** Once per helper and registry: a helper may ask the user, or another machine. */
  private Optional<Credential> ask(DockerLoginFile file, String helper, String host)
      throws EngineException {
    String server = DockerLoginFile.server(host);
    Credentialed key = new Credentialed(helper, server);
    Optional<Credential> known = answers.get(key);
    if (known == null) {
      known = new CredentialHelper(helper, file.path(), environment).get(server);
      answers.put(key, known);
    }
    return known;
  }

  private List<DockerLoginFile> read() throws EngineException {
    List<DockerLoginFile> all = read;
    if (all == null) {
      all = new ArrayList<>();
      for (Path file : files) {
        Optional<byte[]> bytes = bytes(file);
        if (bytes.isPresent()) {
          all.add(parse(file, bytes.get()));
        }
      }
      read = all;
    }
    return all;
  }

  private static DockerLoginFile parse(Path file, byte[] bytes) throws EngineException {
    try {
      return DockerLoginFile.parse(file, bytes);
    } catch (SchemaException e) {
      throw new EngineException(
          ErrorCode.INVALID,
          "read the registry logins in " + file,
          String.valueOf(e.getMessage()),
          "mend the file, or log in again",
          e);
    }
  }

  private Optional<byte[]> bytes(Path file) throws EngineException {
    String path = file.toString();
    try (Fd fd = Fd.open(kernel, path, Consts.O_RDONLY | Consts.O_NONBLOCK, 0)) {
      Stat stat = kernel.fstat(fd.number());
      boolean ours = stat.uid() == 0 || stat.uid() == kernel.geteuid();
      if (!stat.isRegular() || !ours || (stat.permissions() & WRITABLE_BY_OTHERS) != 0) {
        diagnostics.warn(
            "ignoring the registry logins in "
                + path
                + ": the file must belong to you or to root, and nobody else may write to it");
        return Optional.empty();
      }
      return Optional.of(SmallFiles.read(kernel, fd, path, MAX_FILE));
    } catch (OsException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.EACCES)) {
        return Optional.empty();
      }
      throw new EngineException(
          ErrorCode.SYSTEM,
          "read the registry logins in " + path,
          String.valueOf(e.getMessage()),
          "",
          e);
    }
  }
}
