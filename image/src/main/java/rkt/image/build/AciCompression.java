package rkt.image.build;

import rkt.schema.EngineException;
import rkt.schema.ErrorCode;

/**
 * How the written file is compressed. The image ID is that of the uncompressed tar, so it does not
 * depend on this.
 */
public enum AciCompression {
  NONE("none"),
  GZIP("gzip"),
  ZSTD("zstd");

  private final String word;

  AciCompression(String word) {
    this.word = word;
  }

  /** Reads the value of {@code --compression}. */
  public static AciCompression parse(String word) throws EngineException {
    for (AciCompression compression : values()) {
      if (compression.word.equals(word)) {
        return compression;
      }
    }
    throw EngineException.of(
        ErrorCode.USAGE,
        "parse --compression",
        "unknown compression \"" + word + "\"",
        "use none, gzip or zstd");
  }
}
