package rkt.pod;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import rkt.schema.appc.PodManifest;
import rkt.schema.appc.PodUuid;
import rkt.schema.cni.NetInfo;

/**
 * A pod at one moment, as list and status show it. Times are nanoseconds since the epoch.
 *
 * @param createdNanos empty when the pod has no creation mark (then list reports {@code invalid
 *     creation time})
 * @param startedNanos empty when the pod never started
 * @param pid the process whose children the apps are; empty before it stands and when unknown
 * @param ready every app has started
 * @param manifest empty when it cannot be read; {@code problem} then says why
 */
public record PodView(
    PodUuid uuid,
    PodState state,
    OptionalLong createdNanos,
    OptionalLong startedNanos,
    OptionalInt pid,
    boolean ready,
    Optional<PodManifest> manifest,
    List<AppView> apps,
    List<NetInfo> networks,
    Map<String, String> userAnnotations,
    Map<String, String> userLabels,
    Optional<String> failure,
    Optional<String> problem) {}
