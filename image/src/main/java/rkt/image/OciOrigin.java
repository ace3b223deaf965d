package rkt.image;

import java.util.Optional;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.oci.DockerReference;

/**
 * What an OCI image was asked for by; its appc name and version come from it.
 *
 * @param tag empty when asked for by digest
 * @param original the shortest form of the name
 * @param host of the registry; empty for an image that names none
 * @param repository the name within the registry
 */
public record OciOrigin(
    AcIdentifier name, Optional<String> tag, String original, String host, String repository) {

  /** An image that a registry has, or had when it was saved. */
  public static OciOrigin of(DockerReference reference) {
    return new OciOrigin(
        AcIdentifier.sanitize(reference.host() + "/" + reference.repository()),
        reference.digest().isPresent()
            ? Optional.empty()
            : Optional.of(reference.tag().orElse(DockerReference.DEFAULT_TAG)),
        reference.familiar(),
        reference.host(),
        reference.repository());
  }

  /** An image that nobody has named but the file it is in. */
  public static OciOrigin local(AcIdentifier name, Optional<String> tag) {
    return new OciOrigin(
        name, tag, name.value() + (tag.isPresent() ? ":" + tag.get() : ""), "", name.value());
  }

  /** Whether it counts as the newest of its name. */
  public boolean latest() {
    return tag.isPresent() && tag.get().equals(DockerReference.DEFAULT_TAG);
  }
}
