package rkt.stage1.oci;

import java.util.List;
import java.util.Optional;
import rkt.os.Kernel;
import rkt.os.OsException;
import rkt.os.SmallFiles;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.IsolatorValue;
import rkt.stage1.AppSpec;
import rkt.stage1.SelinuxLabels;

/**
 * What the host's security modules make of an app.
 *
 * @param selinux label of its processes
 * @param apparmor profile of its processes
 */
record SecurityModules(Optional<String> selinux, Optional<String> apparmor) {
  /** Applied to every app without an isolator where the administrator has loaded it. */
  static final String DEFAULT_PROFILE = "rkt-default";

  private static final String UNCONFINED = "unconfined";
  private static final int MAX_PROFILES = 4 << 20;

  /**
   * @param labels those of the pod
   * @param warnings receives a line when an isolator gives protection up
   */
  static SecurityModules of(
      Kernel kernel, AppSpec spec, Optional<SelinuxLabels> labels, List<String> warnings)
      throws EngineException {
    return of(kernel, "", spec, labels, warnings);
  }

  static SecurityModules of(
      Kernel kernel,
      String root,
      AppSpec spec,
      Optional<SelinuxLabels> labels,
      List<String> warnings)
      throws EngineException {
    Optional<String> selinux =
        labels.isPresent() ? Optional.of(labels.get().process()) : Optional.empty();
    Optional<String> profile = Optional.empty();
    for (Isolator isolator : spec.app().isolators()) {
      IsolatorValue value = isolator.typed();
      if (value instanceof IsolatorValue.SelinuxContext context) {
        if (!SelinuxLabels.isEnabled(kernel, root)) {
          throw refused(
              spec,
              isolator,
              "this host does not run SELinux",
              "switch SELinux on, or use an image without this isolator");
        }
        selinux =
            Optional.of(
                context.user()
                    + ":"
                    + context.role()
                    + ":"
                    + context.type()
                    + ":"
                    + context.level());
      } else if (value instanceof IsolatorValue.ApparmorProfile wanted) {
        requireProfile(kernel, root, spec, isolator, wanted.profile());
        profile = Optional.of(wanted.profile());
      }
    }
    if (profile.isPresent() && profile.get().equals(UNCONFINED)) {
      warnings.add(
          "warning: isolators of app \"" + spec.name() + "\" switch its AppArmor profile off");
    } else if (profile.isEmpty()
        && isEnabled(kernel, root)
        && isLoaded(profiles(kernel, root).orElse(""), DEFAULT_PROFILE)) {
      profile = Optional.of(DEFAULT_PROFILE);
    }
    return new SecurityModules(selinux, profile);
  }

  private static void requireProfile(
      Kernel kernel, String root, AppSpec spec, Isolator isolator, String profile)
      throws EngineException {
    if (!isEnabled(kernel, root)) {
      throw refused(
          spec,
          isolator,
          "this host does not run AppArmor",
          "switch AppArmor on, or use an image without this isolator");
    }
    Optional<String> loaded = profiles(kernel, root);
    if (loaded.isEmpty()) {
      throw refused(
          spec,
          isolator,
          "the list of loaded profiles cannot be read",
          "mount securityfs on /sys/kernel/security");
    }
    if (!profile.equals(UNCONFINED) && !isLoaded(loaded.get(), profile)) {
      throw refused(
          spec,
          isolator,
          "the profile \"" + profile + "\" is not loaded",
          "load it with apparmor_parser");
    }
  }

  private static EngineException refused(
      AppSpec spec, Isolator isolator, String why, String remedy) {
    return EngineException.of(
        ErrorCode.UNSUPPORTED,
        "cannot apply isolator " + isolator.name() + " of app \"" + spec.name() + "\"",
        why,
        remedy);
  }

  private static boolean isEnabled(Kernel kernel, String root) {
    try {
      String file = root + "/sys/module/apparmor/parameters/enabled";
      return SmallFiles.readText(kernel, file, 64).startsWith("Y");
    } catch (OsException _) {
      return false; // a kernel without AppArmor has no such file
    }
  }

  private static Optional<String> profiles(Kernel kernel, String root) {
    try {
      String file = root + "/sys/kernel/security/apparmor/profiles";
      return Optional.of(SmallFiles.readText(kernel, file, MAX_PROFILES));
    } catch (OsException _) {
      return Optional.empty(); // securityfs is not mounted, as in many containers
    }
  }

  /** The lines are {@code NAME (MODE)}. */
  private static boolean isLoaded(String profiles, String name) {
    return profiles.startsWith(name + " (") || profiles.contains("\n" + name + " (");
  }
}
