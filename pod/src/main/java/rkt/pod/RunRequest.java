package rkt.pod;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One {@code rkt run}.
 *
 * @param uuidFileSave where the UUID is written before anything is prepared, so that a script can
 *     clean up
 */
public record RunRequest(PodRequest pod, LaunchRequest launch, Optional<Path> uuidFileSave) {}
