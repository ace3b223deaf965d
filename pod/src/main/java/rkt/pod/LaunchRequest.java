package rkt.pod;

import java.util.Optional;
import rkt.net.NetRequest;
import rkt.schema.SchemaException;
import rkt.stage1.EtcHosts;
import rkt.stage1.ResolvConf;

/**
 * How a pod shall be started, whether just prepared or long ago.
 *
 * @param net {@code --net}
 * @param interactive {@code --interactive}: the app gets the caller's standard input
 * @param terminal standard input is a terminal, so that the app gets one of its own
 * @param hostname {@code --hostname}; default {@code rkt-UUID}
 * @param privateIpc false with {@code --ipc=parent}
 * @param resolvConf {@code --dns} and its like
 * @param etcHosts {@code --hosts-entry}
 * @param cgroupParent {@code --cgroup-parent}; default the caller's delegated cgroup, or a place
 *     for pods
 * @param manager what the service manager that started rkt has said or passed, if there is one
 */
public record LaunchRequest(
    NetRequest net,
    boolean interactive,
    boolean terminal,
    Optional<String> hostname,
    boolean privateIpc,
    ResolvConf resolvConf,
    EtcHosts etcHosts,
    Optional<String> cgroupParent,
    Optional<ServiceManager> manager) {

  /** {@code HOST_NAME_MAX}: what the kernel takes. */
  private static final int LONGEST_HOSTNAME = 64;

  /**
   * @throws SchemaException when the host name could not be one: it ends up in the kernel and, line
   *     by line, in {@code /etc/hosts}
   */
  public LaunchRequest {
    if (hostname.isPresent() && !isHostname(hostname.get())) {
      throw new SchemaException(
          "invalid hostname \""
              + hostname.get()
              + "\": must be 1 to 64 letters, digits, \"-\", \".\" and \"_\", and begin with a"
              + " letter or digit");
    }
  }

  private static boolean isHostname(String name) {
    if (name.isEmpty() || name.length() > LONGEST_HOSTNAME) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      if (!letter && (i == 0 || c != '-' && c != '.' && c != '_')) {
        return false;
      }
    }
    return true;
  }
}
