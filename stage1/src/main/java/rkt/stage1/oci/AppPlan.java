package rkt.stage1.oci;

import java.util.List;
import java.util.Optional;
import rkt.stage1.AppSpec;
import rkt.stage1.RootfsStep;
import rkt.stage1.rootfs.AppUser;

/**
 * An app with everything resolved that its image had to be asked for.
 *
 * @param args command and arguments; the command is an absolute path in the app
 * @param workingDirectory absolute, in the app
 * @param bounding capabilities it may ever have
 * @param seccomp its filter, ready to be written
 * @param files of the pod that it sees as its own
 * @param steps what its root lacks
 * @param handlers what runs before and after it
 * @param ambient capabilities that it holds although it is not root; see {@link
 *     Capabilities#ambient}
 * @param modules what security modules make of it
 * @param service what it has of a service manager's protocols, if anything
 */
record AppPlan(
    AppSpec spec,
    AppUser user,
    List<String> args,
    String workingDirectory,
    AppEnvironment environment,
    AppIsolators isolators,
    List<String> bounding,
    Optional<SeccompSection> seccomp,
    List<ProvidedFile> files,
    List<RootfsStep> steps,
    List<HandlerPlan> handlers,
    List<String> ambient,
    SecurityModules modules,
    Optional<ServiceParts> service) {
  AppPlan {
    args = List.copyOf(args);
    bounding = List.copyOf(bounding);
    files = List.copyOf(files);
    steps = List.copyOf(steps);
    handlers = List.copyOf(handlers);
    ambient = List.copyOf(ambient);
  }

  /**
   * A system call filter filters root and others alike, but one that is loaded before the process
   * gives up its privileges could be made to fool set-uid programs; the ancestor (and systemd)
   * therefore always combine it with no-new-privileges for apps that are not root.
   */
  boolean noNewPrivileges() {
    return isolators.noNewPrivileges() || (seccomp.isPresent() && !user.isRoot());
  }
}
