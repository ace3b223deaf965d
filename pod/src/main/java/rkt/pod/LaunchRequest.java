package rkt.pod;

import java.util.Optional;
import rkt.stage1.NetMode;

/**
 * How a pod shall be started, whether just prepared or long ago.
 *
 * @param net HOST or NONE; other networks were refused by the caller
 * @param interactive {@code --interactive}: the app gets the caller's standard input
 * @param terminal standard input is a terminal, so that the app gets one of its own
 * @param hostname {@code --hostname}; default {@code rkt-UUID}
 * @param privateIpc false with {@code --ipc=parent}
 */
public record LaunchRequest(
    NetMode net,
    boolean interactive,
    boolean terminal,
    Optional<String> hostname,
    boolean privateIpc) {}
