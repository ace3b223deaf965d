package rkt.net;

import rkt.schema.cni.NetworkConfig;

/**
 * A network that a pod joins.
 *
 * @param args what its plugins are told for this pod
 * @param text the file, as it is
 * @param file its base name
 * @param builtIn whether it is rkt's own and not an administrator's
 * @param masquerade whether rkt itself hides the pod's address (the built-in network)
 */
record SelectedNetwork(
    NetworkConfig config,
    String args,
    byte[] text,
    String file,
    boolean builtIn,
    boolean masquerade) {
  SelectedNetwork with(NetworkConfig other) {
    return new SelectedNetwork(other, args, text, file, builtIn, masquerade);
  }

  /** Whether its pods reach the world by the host's address. */
  boolean hides() {
    return masquerade || config.ipMasq();
  }
}
