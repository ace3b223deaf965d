package rkt.store.unpack;

import java.io.IOException;

/** An archive is broken or hostile. The message names the entry and is the text users see. */
public final class ArchiveException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What kind of trouble it is. */
  public enum Fault {
    /** Not what its format says: damaged, cut short, mislabelled. */
    CORRUPT,
    /** Well-formed, but asks for something no archive may. */
    REFUSED,
    /** Beyond a limit. */
    LIMIT,
    /** A feature that is not supported. */
    UNSUPPORTED
  }

  private final Fault fault;

  public ArchiveException(Fault fault, String message) {
    super(message);
    this.fault = fault;
  }

  public ArchiveException(Fault fault, String message, Throwable cause) {
    super(message, cause);
    this.fault = fault;
  }

  static ArchiveException corrupt(String message) {
    return new ArchiveException(Fault.CORRUPT, message);
  }

  static ArchiveException refused(String message) {
    return new ArchiveException(Fault.REFUSED, message);
  }

  static ArchiveException limit(String message) {
    return new ArchiveException(Fault.LIMIT, message);
  }

  static ArchiveException unsupported(String message) {
    return new ArchiveException(Fault.UNSUPPORTED, message);
  }

  public Fault fault() {
    return fault;
  }
}
