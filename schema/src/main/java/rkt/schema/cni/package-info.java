/**
 * The documents of the Container Network Interface, versions 0.1.0 to 1.1.0: network
 * configurations, what plugins answer, and rkt's own record of the networks of a pod.
 *
 * <p>Entry classes: {@link rkt.schema.cni.NetworkConfig}, {@link rkt.schema.cni.CniResult}, {@link
 * rkt.schema.cni.NetInfo}.
 *
 * <p>Invariants: what a plugin gets of a configuration is what its author wrote, fields unknown
 * here included; a result is read by the rules of exactly the version it was asked for.
 *
 * <p>Must not know: files, plugins as programs, namespaces.
 */
package rkt.schema.cni;
