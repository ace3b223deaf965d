/**
 * A reference becomes verified content in the store: image strings, pull policies, ACI files,
 * registries, layouts and archives; building ACIs, and writing images for others.
 *
 * <p>The only module that opens the network on the command line's path. {@code java.net.http} is
 * loaded when something is fetched and not before: it costs more start-up time than the rest of rkt
 * together.
 */
@org.jspecify.annotations.NullMarked
module rkt.image {
  requires transitive rkt.schema;
  requires transitive rkt.os;
  requires transitive rkt.store;
  requires transitive rkt.trust;
  requires java.net.http;
  requires org.jsoup;
  requires com.github.luben.zstd_jni;
  requires static transitive org.jspecify;

  exports rkt.image;
  exports rkt.image.auth;
  exports rkt.image.build;
  exports rkt.image.discovery;
  exports rkt.image.http;
  exports rkt.image.layout;
  exports rkt.image.oci;
  exports rkt.image.registry;
}
