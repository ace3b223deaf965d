package rkt.image.registry;

import java.io.IOException;
import rkt.schema.ErrorCode;

/** The proxy, or the variable that names it, is in the way; asking again would not help. */
public final class ProxyFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String remedy;

  ProxyFailure(ErrorCode code, String message, String remedy) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }

  public ErrorCode code() {
    return code;
  }

  /** What to do about it. */
  public String remedy() {
    return remedy;
  }
}
