package rkt.pod;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.image.ImageString;
import rkt.schema.appc.AcName;
import rkt.schema.appc.Annotation;
import rkt.schema.appc.EnvVar;
import rkt.schema.appc.Isolator;
import rkt.schema.appc.Mount;

/**
 * One image on the command line with the flags that follow it. An absent or empty value leaves what
 * the image says.
 *
 * @param image what to run
 * @param imageText the image as the user typed it, for messages
 * @param signature {@code --signature}, a local file
 * @param args what follows {@code --}, appended to the image's arguments (or to {@code exec})
 * @param isolators the isolators made from flags, in order; see {@link ManifestBuilder} for how
 *     they meet the image's
 * @param mounts this app's own mounts; they win over pod-wide ones with the same target
 */
public record AppRequest(
    ImageString image,
    String imageText,
    Optional<Path> signature,
    List<String> args,
    Optional<String> exec,
    Optional<AcName> name,
    Optional<String> user,
    Optional<String> group,
    List<Integer> supplementaryGids,
    Optional<String> workingDir,
    boolean readOnlyRootFs,
    List<EnvVar> environment,
    List<Annotation> annotations,
    Map<String, String> userAnnotations,
    Map<String, String> userLabels,
    List<Isolator> isolators,
    List<Mount> mounts) {

  public AppRequest {
    args = List.copyOf(args);
    supplementaryGids = List.copyOf(supplementaryGids);
    environment = List.copyOf(environment);
    annotations = List.copyOf(annotations);
    userAnnotations = Map.copyOf(userAnnotations);
    userLabels = Map.copyOf(userLabels);
    isolators = List.copyOf(isolators);
    mounts = List.copyOf(mounts);
  }

  /** The image with nothing overridden. */
  public static AppRequest of(ImageString image, String imageText) {
    return new AppRequest(
        image,
        imageText,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        false,
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        List.of(),
        List.of());
  }

  /**
   * The same request with other arguments and another binary: the two that nearly every caller
   * sets.
   */
  public AppRequest with(Optional<String> newExec, List<String> newArgs) {
    return new AppRequest(
        image,
        imageText,
        signature,
        newArgs,
        newExec,
        name,
        user,
        group,
        supplementaryGids,
        workingDir,
        readOnlyRootFs,
        environment,
        annotations,
        userAnnotations,
        userLabels,
        isolators,
        mounts);
  }
}
