package rkt.image;

import rkt.image.registry.RegistryLimits;

/** How images may be found: what is not checked, when the network is used, who is told. */
public record FetchOptions(
    InsecureOptions insecure,
    PullPolicy pullPolicy,
    Diagnostics diagnostics,
    String userAgent,
    RegistryLimits limits) {

  public FetchOptions(
      InsecureOptions insecure, PullPolicy pullPolicy, Diagnostics diagnostics, String userAgent) {
    this(insecure, pullPolicy, diagnostics, userAgent, RegistryLimits.DEFAULT);
  }
}
