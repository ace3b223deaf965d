package rkt.image;

/** One value of {@code --insecure-options}, in the order help lists them. */
public enum InsecureOption {
  NONE("none", 0),
  /** Accept images whose signature was not checked. */
  IMAGE("image", 1),
  /** Accept any TLS certificate and host name. */
  TLS("tls", 2),
  /** Accepted for old scripts; has no effect. */
  ONDISK("ondisk", 4),
  /** Permit plain HTTP for discovery and registries. */
  HTTP("http", 8),
  /** Permit fetching public keys over insecure transports. */
  PUBKEY("pubkey", 16),
  /** Apps keep all capabilities. */
  CAPABILITIES("capabilities", 32),
  /** No masked or read-only kernel paths, no device policy. */
  PATHS("paths", 64),
  /** No seccomp filter. */
  SECCOMP("seccomp", 128),
  ALL_FETCH("all-fetch", 1 | 2 | 8 | 16),
  ALL_RUN("all-run", 32 | 64 | 128),
  ALL("all", 1 | 2 | 8 | 16 | 32 | 64 | 128);

  private final String word;
  private final int mask;

  InsecureOption(String word, int mask) {
    this.word = word;
    this.mask = mask;
  }

  /** As written on the command line. */
  public String word() {
    return word;
  }

  int mask() {
    return mask;
  }
}
