import org.jspecify.annotations.NullMarked;

/** Stage1: how a pod is isolated. A pod specification becomes a launch plan. */
@NullMarked
module rkt.stage1 {
  requires static org.jspecify;
  requires transitive rkt.schema;
  requires transitive rkt.os;

  exports rkt.stage1;
  exports rkt.stage1.oci;
  exports rkt.stage1.rootfs to
      rkt.pod;
}
