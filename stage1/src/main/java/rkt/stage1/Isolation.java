package rkt.stage1;

/**
 * A restriction of apps that {@code --insecure-options} can switch off, one by one. All are on
 * unless the user named them.
 */
public enum Isolation {
  /** The bounded capability set. */
  CAPABILITIES,
  /** Masked and read-only paths and the device policy. */
  PATHS,
  /** The system call filter. */
  SECCOMP
}
