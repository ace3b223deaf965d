package rkt.schema;

/**
 * The kinds of failure of the engine: stable, and mapped to exit status in one table of the CLI.
 */
public enum ErrorCode {
  /** The command line does not make sense. */
  USAGE,
  /** The named image, pod, app, file or key does not exist. */
  NOT_FOUND,
  /** A short name or ID matches several things. */
  AMBIGUOUS,
  /** A document or value breaks its rules. */
  INVALID,
  /** Content differs from its digest, or an archive is truncated or malformed. */
  CORRUPT,
  /** A security rule forbids it. */
  REFUSED,
  /** A feature, format or host facility is missing. */
  UNSUPPORTED,
  /** The operating system denied access. */
  PERMISSION,
  /** A remote party cannot be reached or misbehaves. */
  NETWORK,
  /** Another process, or the present state, is in the way. */
  CONFLICT,
  /** A disk or quota is full. */
  NO_SPACE,
  /** The OCI runtime or the pod's processes failed. */
  RUNTIME,
  /** Any other failure of the operating system. */
  SYSTEM
}
