/** Networks of pods: the Container Network Interface, published ports, teardown. */
@org.jspecify.annotations.NullMarked
module rkt.net {
  requires static org.jspecify;
  requires transitive rkt.schema;
  requires transitive rkt.os;

  exports rkt.net;
}
