package rkt.pod;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import rkt.schema.ImageId;
import rkt.schema.appc.AcName;

/**
 * One app of a pod as list and status show it. Times are nanoseconds since the epoch.
 *
 * @param imageName {@code name[:version]}; empty when the image's manifest cannot be read
 * @param signal the signal that ended it, when one did
 * @param oomKills how many of its processes the kernel killed for want of memory
 */
public record AppView(
    AcName name,
    AppState state,
    ImageId imageId,
    Optional<String> imageName,
    OptionalLong createdNanos,
    OptionalLong startedNanos,
    OptionalLong finishedNanos,
    OptionalInt exitCode,
    Optional<ExitCause> cause,
    OptionalInt signal,
    List<MountView> mounts,
    Map<String, String> userAnnotations,
    Map<String, String> userLabels,
    int oomKills) {

  /** One mount of the app. */
  public record MountView(String name, String containerPath, String hostPath, boolean readOnly) {}
}
