package rkt.stage1.oci;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;
import rkt.stage1.EnterPlan;
import rkt.stage1.EnterRequest;
import rkt.stage1.PlannedFile;

/**
 * Plans {@code enter}: the runtime's exec with the restrictions that the app was started with, as
 * its bundle recorded them. The ancestor's entered processes had all capabilities, no filter and
 * the caller's cgroup (CVE-2019-10144, -10145, -10147). The system call filter and the cgroup are
 * the container's, which runtimes apply to every process they add; capabilities and
 * no-new-privileges are named here.
 */
final class EnterPlanner {
  private static final int MAX_DOCUMENT = 4 << 20;

  private final Kernel kernel;

  EnterPlanner(Kernel kernel) {
    this.kernel = kernel;
  }

  EnterPlan plan(EnterRequest request, Path stateRoot) throws EngineException {
    PodPaths paths = new PodPaths(request.podDir());
    String attempted = "cannot enter app \"" + request.app() + "\"";
    try {
      String config = paths.config(request.app()).toString();
      byte[] bytes = SmallFiles.read(kernel, config, MAX_DOCUMENT);
      JsonObject process = Json.parseObject(bytes, config).object("process");
      Path file = paths.enter(request.app(), kernel.getpid());
      byte[] document = document(request, process).getBytes(StandardCharsets.UTF_8);
      List<String> argv =
          List.of(
              launchValue(paths, "runtime"),
              "--root",
              stateRoot.toString(),
              "exec",
              "--process",
              file.toString(),
              OciFlavor.containerId(request.uuid(), request.app()));
      String supervisor = SmallFiles.readText(kernel, paths.supervisorPid().toString(), 32).strip();
      return new EnterPlan(
          new PlannedFile(file, document, 0600),
          Path.of("/proc/" + supervisor + "/ns/mnt"),
          argv,
          List.of("PATH=" + AppEnvironment.DEFAULT_PATH));
    } catch (OsException e) {
      throw new EngineException(ErrorCode.SYSTEM, attempted, String.valueOf(e.getMessage()), "", e);
    } catch (SchemaException e) {
      throw new EngineException(
          ErrorCode.CORRUPT, attempted, String.valueOf(e.getMessage()), "", e);
    }
  }

  private static String document(EnterRequest request, JsonObject process) {
    JsonWriter json = JsonWriter.compact();
    json.beginObject().name("terminal").value(request.terminal());
    json.name("user").beginObject().name("uid").value(0).name("gid").value(0).endObject();
    json.name("args").strings(request.command());
    List<String> environment = new ArrayList<>();
    for (String variable : process.strings("env")) {
      if (!variable.startsWith("TERM=")) {
        environment.add(variable);
      }
    }
    environment.add("TERM=" + (request.term().isEmpty() ? "vt100" : request.term()));
    json.name("env").strings(environment).name("cwd").value("/");
    List<String> bounding = process.object("capabilities").strings("bounding");
    BundleConfig.Process.capabilities(json, bounding, true, List.of());
    json.name("noNewPrivileges").value(process.bool("noNewPrivileges", false));
    return json.endObject().toString();
  }

  /** The runtime that started the pod, which may not be the one that would be chosen today. */
  private String launchValue(PodPaths paths, String key) throws OsException {
    String text = SmallFiles.readText(kernel, paths.launch().toString(), 1 << 20);
    int at = text.indexOf("\0" + key + "=");
    if (at < 0) {
      throw new SchemaException(paths.launch() + " does not say which runtime to use");
    }
    int from = at + key.length() + 2;
    return text.substring(from, text.indexOf('\0', from));
  }
}
