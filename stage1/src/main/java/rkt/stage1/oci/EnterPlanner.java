package rkt.stage1.oci;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.appc.EnvVar;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonValue;
import rkt.schema.json.JsonWriter;
import rkt.stage1.EnterPlan;
import rkt.stage1.EnterRequest;
import rkt.stage1.PlannedFile;
import rkt.stage1.rootfs.AppUser;
import rkt.stage1.rootfs.Rootfs;

/**
 * Plans {@code enter}: the runtime's exec with the restrictions that the app was started with, as
 * its bundle recorded them. The ancestor's entered processes had all capabilities, no filter and
 * the caller's cgroup (CVE-2019-10144, -10145, -10147). The system call filter and the cgroup are
 * the container's, which runtimes apply to every process they add; capabilities and
 * no-new-privileges are named here.
 *
 * <p>The supervisor's program carries it out (native/supervisor/enter.c): it has the terminal, the
 * signals and the exit code, in which the runtimes differ.
 */
final class EnterPlanner {
  private static final int MAX_DOCUMENT = 4 << 20;

  private final Kernel kernel;
  private final Path program;

  /**
   * @param program the supervisor's program
   */
  EnterPlanner(Kernel kernel, Path program) {
    this.kernel = kernel;
    this.program = program;
  }

  EnterPlan plan(EnterRequest request, Path stateRoot) throws EngineException {
    PodPaths paths = new PodPaths(request.podDir());
    String attempted = "cannot enter app \"" + request.app() + "\"";
    try {
      String config = paths.config(request.app()).toString();
      byte[] bytes = SmallFiles.read(kernel, config, MAX_DOCUMENT);
      JsonObject process = Json.parseObject(bytes, config).object("process");
      User user = user(request, paths);
      Path document = paths.enter(request.app(), kernel.getpid(), ".json");
      Path launch = paths.enter(request.app(), kernel.getpid(), ".launch");
      String supervisor = SmallFiles.readText(kernel, paths.supervisorPid().toString(), 32).strip();
      return new EnterPlan(
          List.of(
              secret(document, document(request, process, user)),
              secret(launch, launch(request, process, user, document, stateRoot))),
          Path.of("/proc/" + supervisor + "/ns/mnt"),
          List.of(program.toString(), launch.toString()),
          List.of("PATH=" + AppEnvironment.DEFAULT_PATH));
    } catch (OsException e) {
      throw new EngineException(ErrorCode.SYSTEM, attempted, String.valueOf(e.getMessage()), "", e);
    } catch (SchemaException e) {
      throw new EngineException(
          ErrorCode.CORRUPT, attempted, String.valueOf(e.getMessage()), "", e);
    }
  }

  private static PlannedFile secret(Path path, String text) {
    return new PlannedFile(path, text.getBytes(StandardCharsets.UTF_8), 0600);
  }

  private String launch(
      EnterRequest request, JsonObject process, User user, Path document, Path stateRoot)
      throws OsException {
    PodPaths paths = new PodPaths(request.podDir());
    int pid = kernel.getpid();
    LaunchText text = new LaunchText();
    text.put("version", "1");
    text.put("uuid", request.uuid().value());
    text.put("runtime", launchValue(paths, "runtime"));
    text.put("runtime-root", stateRoot);
    text.put("runtime-log", paths.enter(request.app(), pid, ".log"));
    text.put("enter", document);
    if (request.as().privileged()) {
      free(request, process, user, text);
    }
    text.put("app", request.app());
    text.put("id", OciFlavor.containerId(request.uuid(), request.app()));
    text.put("bundle", paths.bundle(request.app()));
    text.put("pid", paths.enter(request.app(), pid, ".pid"));
    text.put("terminal", request.terminal() ? 1 : 0);
    text.put("stdin", "inherit");
    return text.toString();
  }

  /**
   * What the supervisor needs to start the command itself: no runtime would leave the filter out.
   */
  private void free(EnterRequest request, JsonObject process, User user, LaunchText text)
      throws OsException {
    PodPaths paths = new PodPaths(request.podDir());
    text.put("nsdir", paths.namespaces());
    text.put("target", appPid(request, paths));
    text.put("uid", user.uid());
    text.put("gid", user.gid());
    text.put("cwd", request.as().workingDirectory());
    for (String argument : request.command()) {
      text.put("arg", argument);
    }
    for (String variable : environment(request, process)) {
      text.put("env", variable);
    }
    // Where the pod's cgroups are was decided by who started it.
    for (String directory : launchValues(paths, "cgroup")) {
      if (directory.endsWith("/" + request.app())) {
        text.put("cgroup", Path.of(directory));
      }
    }
  }

  private String appPid(EnterRequest request, PodPaths paths) throws OsException {
    return SmallFiles.readText(kernel, paths.appPid(request.app()).toString(), 32).strip();
  }

  private record User(long uid, long gid) {}

  /** As whom to enter; names are looked up in the files that the app sees now. */
  private User user(EnterRequest request, PodPaths paths) throws EngineException, OsException {
    EnterRequest.As as = request.as();
    if (as.user().isEmpty() && as.group().isEmpty()) {
      return new User(0, 0);
    }
    Path root = Path.of("/proc/" + appPid(request, paths) + "/root/.");
    try (Rootfs rootfs = Rootfs.open(kernel, root)) {
      String name = as.user().orElse("0");
      AppUser user = AppUser.resolve(rootfs, name, as.group().orElse(name), true);
      return new User(user.uid(), user.gid());
    }
  }

  private String document(EnterRequest request, JsonObject process, User user) {
    EnterRequest.As as = request.as();
    JsonWriter json = JsonWriter.compact();
    json.beginObject().name("terminal").value(request.terminal());
    if (request.terminal()) {
      ConsoleSize.write(json, ConsoleSize.ofCaller(kernel));
    }
    json.name("user").beginObject().name("uid").value(user.uid());
    json.name("gid").value(user.gid());
    BundleConfig.Process.groups(json, user.gid(), List.of());
    json.endObject();
    json.name("args").strings(request.command());
    json.name("env").strings(environment(request, process));
    json.name("cwd").value(as.workingDirectory());
    JsonObject capabilities = process.object("capabilities");
    List<String> bounding = capabilities.strings("bounding");
    List<String> ambient =
        capabilities.has("ambient") ? capabilities.strings("ambient") : List.of();
    BundleConfig.Process.capabilities(json, bounding, user.uid() == 0, ambient);
    // For root the app's own answer; others never gain privileges by entering.
    boolean locked = process.bool("noNewPrivileges", false) || user.uid() != 0;
    json.name("noNewPrivileges").value(locked);
    for (String same : List.of("apparmorProfile", "selinuxLabel", "rlimits", "oomScoreAdj")) {
      Optional<JsonValue> value = process.get(same);
      if (value.isPresent()) {
        json.name(same).value(value.get());
      }
    }
    return json.endObject().toString();
  }

  private static List<String> environment(EnterRequest request, JsonObject process) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String variable : process.strings("env")) {
      int at = variable.indexOf('=');
      String name = variable.substring(0, at);
      if (!ServiceParts.VARIABLES.contains(name)) { // for the app's process alone
        variables.put(name, variable.substring(at + 1));
      }
    }
    variables.put("TERM", request.term().isEmpty() ? "vt100" : request.term());
    for (EnvVar variable : request.as().environment()) {
      variables.put(variable.name(), variable.value());
    }
    return new AppEnvironment(variables).strings();
  }

  /** The runtime that started the pod, which may not be the one that would be chosen today. */
  private String launchValue(PodPaths paths, String key) throws OsException {
    List<String> values = launchValues(paths, key);
    if (values.isEmpty()) {
      throw new SchemaException(paths.launch() + " does not say the pod's " + key);
    }
    return values.getFirst();
  }

  /** What the pod's supervisor was told. */
  private List<String> launchValues(PodPaths paths, String key) throws OsException {
    List<String> values = new ArrayList<>(1);
    String text = SmallFiles.readText(kernel, paths.launch().toString(), 1 << 20);
    for (int from = 0; from < text.length(); ) {
      int end = text.indexOf('\0', from);
      end = end < 0 ? text.length() : end;
      if (text.startsWith(key + "=", from)) {
        values.add(text.substring(from + key.length() + 1, end));
      }
      from = end + 1;
    }
    return values;
  }
}
