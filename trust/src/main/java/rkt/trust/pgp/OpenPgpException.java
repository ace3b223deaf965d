package rkt.trust.pgp;

import org.jspecify.annotations.Nullable;

/** A key or signature is malformed, unsupported, or does not vouch; the message says why. */
public final class OpenPgpException extends Exception {
  private static final long serialVersionUID = 1L;

  public OpenPgpException(String message) {
    super(message);
  }

  public OpenPgpException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The reason; never null. */
  public String why() {
    return String.valueOf(getMessage());
  }
}
