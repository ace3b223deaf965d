import org.jspecify.annotations.NullMarked;

/** Content-addressed images on disk: blobs, index, layers, rendered trees, hardened unpacking. */
@NullMarked
module rkt.store {
  requires static org.jspecify;
  requires transitive rkt.schema;
  requires transitive rkt.os;
  requires org.tukaani.xz;
  requires com.github.luben.zstd_jni;

  exports rkt.store;
  exports rkt.store.unpack to
      rkt.image;
}
