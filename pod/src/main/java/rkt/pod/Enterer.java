package rkt.pod;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import rkt.os.Consts;
import rkt.os.Fd;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.SchemaException;
import rkt.schema.appc.AcName;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.PodUuid;
import rkt.schema.appc.RuntimeApp;
import rkt.stage1.EnterPlan;
import rkt.stage1.EnterRequest;
import rkt.stage1.PlannedFile;

/**
 * {@code rkt enter}: becomes a command inside a running app, under the app's own restrictions (the
 * ancestor's CVE-2019-10144, -10145 and -10147 came from leaving them out). The flavor says how;
 * this class finds the app and joins the pod's mount namespace.
 */
public final class Enterer {
  private static final String NO_APP = "unable to determine app name";

  private final PodStore pods;
  private final Kernel kernel;
  private final FlavorSource flavors;
  private final Reporter reporter;
  private final boolean training;

  Enterer(PodStore pods, FlavorSource flavors, EngineOptions options) {
    this.pods = pods;
    this.kernel = pods.kernel();
    this.flavors = flavors;
    this.reporter = options.reporter();
    this.training = options.training();
  }

  /**
   * Does not return, except in a training run: the process becomes the command in the app.
   *
   * @param command never empty; the caller says {@code no command specified, assuming "/bin/bash"}
   * @param terminal standard input and output are a terminal
   * @param term the caller's {@code TERM}
   * @param as as whom and where
   */
  public void enter(
      PodUuid uuid,
      Optional<AcName> app,
      List<String> command,
      boolean terminal,
      Optional<String> term,
      EnterRequest.As as)
      throws EngineException {
    try (Pod pod = open(uuid)) {
      String name = choose(pod, app);
      awaitApps(pod);
      Path dir = pod.path();
      if (as.privileged()) {
        reporter.note(
            "",
            "warning: entering app \""
                + name
                + "\" with all capabilities, and without its system call filter, security label and"
                + " resource limits of processes");
      }
      EnterRequest request =
          new EnterRequest(uuid, dir, name, command, terminal, term.orElse(""), as);
      EnterPlan plan =
          flavors.open(dir.resolve(PodFiles.SUPERVISOR), Optional.empty()).stage1().enter(request);
      NamespaceThread.run("enter", () -> become(pod, plan));
    } catch (java.io.IOException e) {
      throw Failures.system("enter failed", e);
    }
  }

  private void become(Pod pod, EnterPlan plan) throws EngineException {
    try {
      execute(pod, plan);
    } catch (EngineException | RuntimeException e) {
      for (PlannedFile file : plan.files()) {
        try {
          kernel.unlinkat(Consts.AT_FDCWD, file.path().toString(), 0);
        } catch (OsException failure) {
          e.addSuppressed(failure);
        }
      }
      throw e;
    }
  }

  private void execute(Pod pod, EnterPlan plan) throws EngineException {
    try {
      for (PlannedFile file : plan.files()) {
        pods.files().write(file.path(), file.bytes(), file.mode());
      }
      // A mount namespace can be joined only by a thread that shares its root and cwd with no
      // other.
      kernel.unshare(Consts.CLONE_FS);
      try (Fd namespace = Fd.open(kernel, plan.join().toString(), Consts.O_RDONLY, 0)) {
        // The supervisor, and nobody else, holds the pod's lock. So it lives, and its PID was its
        // own all the time: the runtime below is not found in the files of a stranger.
        if (pod.state() != PodState.RUNNING) {
          throw notRunning(pod.uuid());
        }
        kernel.setns(namespace.number(), Consts.CLONE_NEWNS);
      }
      kernel.chdir("/");
      kernel.resetSignals();
      kernel.closeRangeCloexec(3);
      if (training) {
        return;
      }
      String[] argv = plan.argv().toArray(new String[0]);
      kernel.execve(argv[0], argv, plan.env().toArray(new String[0]));
    } catch (OsException e) {
      throw Failures.system("enter failed", e);
    }
  }

  private Pod open(PodUuid uuid) throws EngineException, OsException {
    Pod pod = pods.open(uuid);
    if (pod == null) {
      throw EngineException.of(
          ErrorCode.NOT_FOUND,
          "problem retrieving pod",
          "no matches found for \"" + uuid.value() + "\"");
    }
    if (pod.state() != PodState.RUNNING) {
      pod.close();
      throw notRunning(uuid);
    }
    return pod;
  }

  private static EngineException notRunning(PodUuid uuid) {
    return EngineException.of(
        ErrorCode.CONFLICT, "enter", "pod \"" + uuid.value() + "\" isn't currently running");
  }

  private static String names(List<RuntimeApp> apps) {
    List<String> names = new ArrayList<>(apps.size());
    for (RuntimeApp app : apps) {
      names.add(app.name().value());
    }
    return String.join(", ", names);
  }

  private String choose(Pod pod, Optional<AcName> wanted) throws EngineException, OsException {
    PodManifest manifest;
    try {
      manifest = PodManifest.parse(pods.files().read(pod.path().resolve(PodFiles.MANIFEST)));
    } catch (SchemaException e) {
      throw EngineException.of(NO_APP, e);
    }
    List<RuntimeApp> apps = manifest.apps();
    if (wanted.isPresent()) {
      for (RuntimeApp app : apps) {
        if (app.name().equals(wanted.get())) {
          return app.name().value();
        }
      }
      throw EngineException.of(
          ErrorCode.NOT_FOUND,
          NO_APP,
          "app \"" + wanted.get().value() + "\" is not in the pod",
          apps.isEmpty() ? "" : "choose among: " + names(apps));
    }
    if (apps.isEmpty()) {
      throw EngineException.of(ErrorCode.INVALID, NO_APP, "pod contains zero apps");
    }
    if (apps.size() > 1) {
      reporter.note("", "pod contains multiple apps:");
      for (RuntimeApp app : apps) {
        reporter.note("", "\t" + app.name().value());
      }
      throw EngineException.of(
          ErrorCode.AMBIGUOUS, NO_APP, "specify app using \"rkt enter --app= ...\"");
    }
    return apps.get(0).name().value();
  }

  /**
   * A pod may be entered as soon as its apps stand; one that is just starting is waited for. The
   * sandbox alone is not enough: the OCI runtime does not know the app's container yet.
   */
  private void awaitApps(Pod pod) throws EngineException, OsException {
    while (PodViews.number(pods.files().text(pod.fd(), PodFiles.PID)).isEmpty()
        || !PodViews.ready(kernel, pod)) {
      if (pod.state() != PodState.RUNNING) {
        throw EngineException.of(
            ErrorCode.CONFLICT,
            "unable to determine the pid for pod \"" + pod.uuid().value() + "\"",
            "pod \"" + pod.uuid().value() + "\" is not running anymore");
      }
      Waiter.pause(20);
    }
  }
}
