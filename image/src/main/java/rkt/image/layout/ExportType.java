package rkt.image.layout;

import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/** The forms an image is exported in. */
public enum ExportType {
  /** One ACI file, not compressed. */
  ACI("aci"),
  /** A directory: an OCI image layout. */
  OCI("oci"),
  /** The same in a tar. */
  OCI_ARCHIVE("oci-archive"),
  /** A tar as {@code docker save} writes it. */
  DOCKER_ARCHIVE("docker-archive");

  private final String word;

  ExportType(String word) {
    this.word = word;
  }

  /** Reads the value of {@code --type}. */
  public static ExportType parse(String word) throws EngineException {
    for (ExportType type : values()) {
      if (type.word.equals(word)) {
        return type;
      }
    }
    throw EngineException.of(
        ErrorCode.USAGE,
        "parse --type",
        "unknown type \"" + word + "\"",
        "use aci, oci, oci-archive or docker-archive");
  }
}
