import org.jspecify.annotations.NullMarked;

/**
 * The documents rkt reads and writes, as records: appc image and pod manifests, OCI and Docker
 * manifests and configurations, references and identifiers. Strict parsing, validation, canonical
 * writing. Knows nothing of files, the network or the kernel.
 */
@NullMarked
module rkt.schema {
  requires static org.jspecify;

  exports rkt.schema;
  exports rkt.schema.appc;
  exports rkt.schema.cni;
  exports rkt.schema.json;
  exports rkt.schema.oci;
  exports rkt.schema.trust;
}
