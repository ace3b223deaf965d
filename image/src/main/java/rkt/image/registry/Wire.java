package rkt.image.registry;

import rkt.image.Diagnostics;
import rkt.image.auth.Credentials;

/** What all callers of one pull or push share. */
record Wire(
    Transport transport,
    UrlRules rules,
    RegistryLimits limits,
    Diagnostics diagnostics,
    String userAgent,
    Credentials credentials)
    implements AutoCloseable {
  /** Over the network, as configured. */
  static Wire of(
      HostRules hosts,
      RegistryLimits limits,
      Diagnostics diagnostics,
      String userAgent,
      Credentials credentials) {
    return new Wire(
        new HostTransports(limits, hosts),
        new UrlRules(hosts),
        limits,
        diagnostics,
        userAgent,
        credentials);
  }

  @Override
  public void close() {
    transport.close();
  }
}
