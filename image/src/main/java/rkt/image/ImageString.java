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
   * An image in a local OCI layout or a docker archive.
   *
   * @param path absolute
   * @param ref which of the images in it, as its index or {@code repositories} calls it; empty when
   *     the user named none
   */
  record LayoutImage(Kind kind, Path path, String ref, String text) implements ImageString {
    public LayoutImage(Kind kind, Path path, String ref) {
      this(kind, path, ref, kind.scheme() + ":" + path + (ref.isEmpty() ? "" : ":" + ref));
    }

    /** The forms of local images that are no ACIs. */
    public enum Kind {
      /** A directory in the form of the OCI image layout. */
      OCI("oci"),
      /** Such a directory in a tar archive, compressed or not. */
      OCI_ARCHIVE("oci-archive"),
      /** What {@code docker save} writes. */
      DOCKER_ARCHIVE("docker-archive");

      private final String scheme;

      Kind(String scheme) {
        this.scheme = scheme;
      }

      /** What such an image string begins with; also the type of its distribution URI. */
      public String scheme() {
        return scheme;
      }
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
