package rkt.stage1.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.EventHandler;
import rkt.stage1.AppSpec;
import rkt.stage1.rootfs.AppTree;
import rkt.stage1.rootfs.ExecDiagnosis;
import rkt.stage1.rootfs.ExecLookup;

/**
 * The commands of an app, its own and those of its event handlers, found and examined before
 * anything is started.
 */
final class AppCommands {
  private final AppSpec spec;
  private final AppTree tree;
  private final String directory;

  AppCommands(AppSpec spec, AppTree tree, String workingDirectory) {
    this.spec = spec;
    this.tree = tree;
    this.directory = workingDirectory;
  }

  /** The app's exec with an absolute path as its first word. */
  List<String> app() throws EngineException, OsException {
    return resolve(spec.app().exec(), attempted());
  }

  /** The event handlers; at most one of a name, as manifests have it. */
  List<HandlerPlan> handlers() throws EngineException, OsException {
    List<HandlerPlan> handlers = new ArrayList<>(2);
    for (EventHandler handler : spec.app().eventHandlers()) {
      String name = handler.name();
      if (!name.equals(EventHandler.PRE_START) && !name.equals(EventHandler.POST_STOP)) {
        throw EngineException.of(
            ErrorCode.INVALID, attempted(), "unrecognized eventHandler: " + name);
      }
      String attempted =
          "cannot start the " + name + " event handler of app \"" + spec.name() + "\"";
      if (handler.exec().isEmpty()) {
        throw EngineException.of(ErrorCode.INVALID, attempted, "its exec is empty");
      }
      handlers.add(new HandlerPlan(name, resolve(handler.exec(), attempted)));
    }
    return handlers;
  }

  private String attempted() {
    return "cannot start app \"" + spec.name() + "\"";
  }

  private List<String> resolve(List<String> exec, String attempted)
      throws EngineException, OsException {
    List<String> args = new ArrayList<>(exec);
    Optional<String> path = AppEnvironment.path(spec.environment());
    args.set(0, ExecLookup.find(tree, args.get(0), directory, path));
    Optional<ExecDiagnosis.Problem> problem = ExecDiagnosis.examine(tree, args.get(0));
    if (problem.isPresent()) {
      throw EngineException.of(
          ErrorCode.NOT_FOUND, attempted, problem.get().why(), problem.get().remedy());
    }
    return args;
  }
}
