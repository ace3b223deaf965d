package rkt.image;

import java.net.URI;
import java.nio.file.Path;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.appc.ImageName;
import rkt.schema.appc.Labels;
import rkt.schema.oci.DockerReference;

/**
 * What an image argument means, decided by {@link ImageStrings#parse}; {@code text} is the argument
 * as typed.
 */
public sealed interface ImageString {
  /** The argument as typed, for messages. */
  String text();

  /** A local ACI archive; the path is absolute. */
  record FileImage(Path path, String text) implements ImageString {
    public FileImage(Path path) {
      this(path, path.toString());
    }
  }

  /** An ACI archive behind an http or https URL. */
  record UrlImage(URI uri, String text) implements ImageString {
    public UrlImage(URI uri) {
      this(uri, uri.toString());
    }
  }

  /** An image in a registry. */
  record DockerImage(DockerReference reference, String text) implements ImageString {
    public DockerImage(DockerReference reference) {
      this(reference, "docker://" + reference.familiar());
    }
  }

  /**
   * A full or shortened image ID, {@code sha512-...} or {@code sha256-...}; looked up in the store
   * only.
   */
  record HashImage(String text) implements ImageString {}

  /** An appc name with labels. */
  record NameImage(AcIdentifier name, Labels labels, String text) implements ImageString {
    public NameImage(AcIdentifier name, Labels labels) {
      this(name, labels, new ImageName(name, labels).toString());
    }
  }
}
