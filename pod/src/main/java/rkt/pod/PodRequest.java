package rkt.pod;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.ExposedPort;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.Mount;
import rkt.schema.appc.Volume;

/**
 * What a pod shall consist of: either apps with flags, or a pod manifest file.
 *
 * @param mounts mounts for every app
 * @param inheritedEnv the caller's environment with {@code --inherit-env}, else empty; lowest
 *     precedence
 * @param setEnvFile the merged {@code --set-env-file} variables
 * @param setEnv the {@code --set-env} variables; highest precedence
 * @param podManifest {@code --pod-manifest}; then {@code apps} must be empty
 * @param overlay false with {@code --no-overlay}
 * @param isolators of the whole pod, made from flags
 * @param privateUsers {@code --private-users}: a user namespace of its own
 */
public record PodRequest(
    List<AppRequest> apps,
    List<Volume> volumes,
    List<Mount> mounts,
    List<ExposedPort> ports,
    List<EnvVar> inheritedEnv,
    List<EnvVar> setEnvFile,
    List<EnvVar> setEnv,
    Map<String, String> userAnnotations,
    Map<String, String> userLabels,
    Optional<Path> podManifest,
    boolean overlay,
    List<Isolator> isolators,
    boolean privateUsers) {

  public PodRequest {
    apps = List.copyOf(apps);
    volumes = List.copyOf(volumes);
    mounts = List.copyOf(mounts);
    ports = List.copyOf(ports);
    inheritedEnv = List.copyOf(inheritedEnv);
    setEnvFile = List.copyOf(setEnvFile);
    setEnv = List.copyOf(setEnv);
    userAnnotations = Map.copyOf(userAnnotations);
    userLabels = Map.copyOf(userLabels);
    isolators = List.copyOf(isolators);
  }

  /** These apps, overlay where possible, nothing pod-wide. */
  public static PodRequest of(List<AppRequest> apps) {
    return new PodRequest(
        apps,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        Optional.empty(),
        true,
        List.of(),
        false);
  }
}
