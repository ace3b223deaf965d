/**
 * Pods: their life cycle on disk, their manifests, and the engine that ties images, stage1 and the
 * kernel together.
 */
@org.jspecify.annotations.NullMarked
module rkt.pod {
  requires transitive rkt.schema;
  requires transitive rkt.os;
  requires transitive rkt.store;
  requires transitive rkt.image;
  requires transitive rkt.net;
  requires transitive rkt.stage1;
  requires static org.jspecify;

  exports rkt.pod;
  exports rkt.pod.config;
}
