package rkt.image.registry;

import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;

/**
 * One client per way of speaking TLS, chosen by the host of each request: what was configured for a
 * registry must not hold for the hosts it sends us to.
 */
final class HostTransports implements Transport {
  private final RegistryLimits limits;
  private final HostRules rules;
  private final Map<TlsSettings, JdkTransport> open = new HashMap<>();

  HostTransports(RegistryLimits limits, HostRules rules) {
    this.limits = limits;
    this.rules = rules;
  }

  @Override
  public Reply send(Request request) throws IOException {
    return to(request.uri()).send(request);
  }

  private synchronized JdkTransport to(URI uri) throws IOException {
    TlsSettings tls =
        "https".equalsIgnoreCase(uri.getScheme()) ? rules.tls(uri) : TlsSettings.STRICT;
    JdkTransport known = open.get(tls);
    if (known == null) {
      known = new JdkTransport(limits, tls);
      open.put(tls, known);
    }
    return known;
  }

  @Override
  public synchronized void close() {
    for (JdkTransport transport : open.values()) {
      transport.close();
    }
    open.clear();
  }
}
