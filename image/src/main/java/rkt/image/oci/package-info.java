/**
 * What every source of OCI images has in common, a registry, a layout or an archive: which manifest
 * is meant ({@link rkt.image.oci.ManifestRules}), where cosign keeps signatures, and an ACI's OCI
 * face ({@link rkt.image.oci.AciToOci}).
 *
 * <p>Knows neither the network nor where bytes come from.
 */
package rkt.image.oci;
