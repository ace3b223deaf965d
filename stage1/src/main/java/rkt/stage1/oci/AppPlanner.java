package rkt.stage1.oci;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.Annotation;
import rkt.stage1.AppSpec;
import rkt.stage1.BindMount;
import rkt.stage1.Isolation;
import rkt.stage1.PodSpec;
import rkt.stage1.RootfsStep;
import rkt.stage1.SelinuxLabels;
import rkt.stage1.rootfs.AppTree;
import rkt.stage1.rootfs.AppUser;
import rkt.stage1.rootfs.MountPlaces;
import rkt.stage1.rootfs.Rootfs;

/** Resolves one app against its root file system. */
final class AppPlanner {
  private final Kernel kernel;
  private final CgroupTree cgroups;
  private final Set<Isolation> disabled;
  private final boolean terminal;
  private final List<String> warnings;
  private final ProvidedFiles provided;
  private final Optional<SelinuxLabels> selinux;
  private final PodSpec pod;
  private final Path supervisor;

  AppPlanner(
      Kernel kernel,
      CgroupTree cgroups,
      PodSpec pod,
      Path supervisor,
      List<String> warnings,
      ProvidedFiles provided) {
    this.kernel = kernel;
    this.cgroups = cgroups;
    this.disabled = pod.disabled();
    this.terminal = pod.interactive() && pod.terminal();
    this.pod = pod;
    this.supervisor = supervisor;
    this.warnings = warnings;
    this.provided = provided;
    this.selinux = pod.selinux();
  }

  AppPlan plan(AppSpec spec) throws EngineException {
    String name = spec.name();
    if (spec.app().exec().isEmpty()) {
      throw EngineException.of(
          ErrorCode.INVALID,
          "cannot start app \"" + name + "\"",
          "image \""
              + spec.image().name().value()
              + "\" has an empty \"exec\""
              + " (try --exec=BINARY)");
    }
    AppIsolators isolators = IsolatorReader.read(name, spec.app().isolators(), cgroups, warnings);
    boolean unrestricted = disabled.contains(Isolation.CAPABILITIES);
    List<String> bounding = Capabilities.bounding(kernel, isolators, unrestricted, warnings);
    Optional<SeccompSection> seccomp =
        disabled.contains(Isolation.SECCOMP)
            ? Optional.empty()
            : SeccompSection.of(isolators.seccomp(), !disabled.contains(Isolation.PATHS), warnings);
    warnOfLess(spec, unrestricted ? List.of() : bounding, seccomp);
    try (Rootfs rootfs = Rootfs.open(kernel, spec.rootfs())) {
      AppUser user =
          AppUser.resolve(rootfs, spec.app().user(), spec.app().group(), isFromDocker(spec));
      String directory = workingDirectory(spec);
      MountPlaces.check(spec, rootfs);
      AppTree tree = new AppTree(kernel, rootfs, spec.mounts());
      AppCommands commands = new AppCommands(spec, tree, directory);
      List<String> args = commands.app();
      List<HandlerPlan> handlers = commands.handlers();
      List<ProvidedFile> files = provided.of(spec, rootfs);
      return new AppPlan(
          spec,
          user,
          args,
          directory,
          AppEnvironment.of(spec.environment(), name, terminal),
          isolators,
          bounding,
          seccomp,
          files,
          steps(spec, rootfs, directory, files),
          handlers,
          Capabilities.ambient(spec, user, bounding),
          SecurityModules.of(kernel, spec, selinux, warnings),
          service(spec));
    } catch (OsException e) {
      throw new EngineException(
          ErrorCode.SYSTEM,
          "cannot read the root file system of app \"" + name + "\"",
          String.valueOf(e.getMessage()),
          "",
          e);
    }
  }

  /** Whether the app says when it is ready; the pod's word goes over the image's. */
  private static boolean notifies(AppSpec spec) {
    for (Annotation annotation : spec.runtime().annotations()) {
      if (annotation.name().equals(Annotation.SUPPORTS_SYSTEMD_NOTIFY)) {
        return annotation.isTrue();
      }
    }
    for (Annotation annotation : spec.image().annotations()) {
      if (annotation.name().equals(Annotation.SUPPORTS_SYSTEMD_NOTIFY)) {
        return annotation.isTrue();
      }
    }
    return false;
  }

  private Optional<ServiceParts> service(AppSpec spec) throws EngineException {
    boolean notifies = notifies(spec);
    if (pod.service().isEmpty() && !notifies) {
      return Optional.empty(); // the class is for few
    }
    return ServiceParts.of(spec, notifies, pod.service(), supervisor, new PodPaths(pod.podDir()));
  }

  /**
   * Isolators come with the image, from whoever made it, and may ask for less protection than the
   * default. That is granted, as the format has it, but never in silence.
   */
  private void warnOfLess(AppSpec spec, List<String> bounding, Optional<SeccompSection> seccomp) {
    List<String> beyond = new ArrayList<>(bounding);
    beyond.removeAll(Capabilities.DEFAULT);
    String which = "warning: isolators of app \"" + spec.name() + "\" ";
    if (!beyond.isEmpty()) {
      warnings.add(which + "give it more than the default capabilities: " + beyond);
    }
    if (seccomp.isEmpty() && !disabled.contains(Isolation.SECCOMP)) {
      warnings.add(which + "switch its system call filter off");
    }
  }

  /** Images made from Docker's name a user alone, whose primary group is then meant. */
  private static boolean isFromDocker(AppSpec spec) {
    for (Annotation annotation : spec.image().annotations()) {
      if (annotation.name().startsWith("appc.io/docker/")) {
        return true;
      }
    }
    return false;
  }

  private static String workingDirectory(AppSpec spec) {
    String directory = spec.app().workingDirectory();
    return directory.isEmpty() ? "/" : directory;
  }

  private static List<RootfsStep> steps(
      AppSpec spec, Rootfs rootfs, String workingDirectory, List<ProvidedFile> files)
      throws OsException {
    List<RootfsStep> steps = new ArrayList<>(4);
    if (!covers(spec, "/tmp") && !rootfs.hasEntry("/tmp")) {
      steps.add(new RootfsStep.Directory("/tmp", 01777));
    }
    if (!covers(spec, "/run") && !rootfs.hasEntry("/run")) {
      steps.add(new RootfsStep.Directory("/run", 0755));
    }
    ProvidedFiles.targets(files, rootfs, steps);
    if (rootfs.hasEntry("/etc") && !covers(spec, "/etc/mtab") && !rootfs.hasEntry("/etc/mtab")) {
      steps.add(new RootfsStep.Link("/etc/mtab", "../proc/self/mounts"));
    }
    if (!covers(spec, workingDirectory) && rootfs.stat(workingDirectory).isEmpty()) {
      steps.add(new RootfsStep.Directory(workingDirectory, 0755));
    }
    return steps;
  }

  /** Whether a volume is mounted at a path or above it. */
  private static boolean covers(AppSpec spec, String path) {
    for (BindMount mount : spec.mounts()) {
      String target = mount.target();
      if (path.equals(target) || path.startsWith((target.endsWith("/") ? target : target + "/"))) {
        return true;
      }
    }
    return false;
  }
}
