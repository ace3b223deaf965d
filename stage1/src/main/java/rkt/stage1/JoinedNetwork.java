package rkt.stage1;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The network namespace that a pod joins ({@link NetMode#JOINED}).
 *
 * @param namespace the path by which the supervisor opens it
 * @param teardown how to undo the networking at the pod's end; empty when it is somebody else's
 * @param hostMounts open descriptor of the mount namespace in which it is undone; -1 for none
 * @param address the pod's address for its hosts file; empty for none
 */
public record JoinedNetwork(
    String namespace, Optional<Path> teardown, int hostMounts, String address) {}
