package rkt.trust.cosign;

import org.jspecify.annotations.Nullable;

/** A key, payload or signature is malformed or unsupported; the message says why. */
public final class CosignException extends Exception {
  private static final long serialVersionUID = 1L;

  public CosignException(String message) {
    super(message);
  }

  public CosignException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The reason; never null. */
  public String why() {
    return String.valueOf(getMessage());
  }
}
