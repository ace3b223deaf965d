/**
 * The OCI image documents and their Docker twins: {@link rkt.schema.oci.OciIndex}, {@link
 * rkt.schema.oci.OciManifest}, {@link rkt.schema.oci.OciConfig}, {@link
 * rkt.schema.oci.DockerSaveManifest}, and {@link rkt.schema.oci.DockerReference}, the name users
 * type.
 *
 * <p>Docker v2 schema 2 manifests and manifest lists share the records of OCI manifests and
 * indexes: they differ only in media types. Digests are validated where they are parsed, because
 * they become file names; unknown fields are ignored, as the OCI specification demands, but a
 * document that can be read as two kinds is refused (CVE-2021-41190).
 */
package rkt.schema.oci;
