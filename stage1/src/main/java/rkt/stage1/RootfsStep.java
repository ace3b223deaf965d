package rkt.stage1;

/**
 * A change inside an app's root before it starts. Paths are absolute inside that root and are
 * resolved with {@code openat2(RESOLVE_IN_ROOT)}: an image's links cannot lead a step outside.
 */
public sealed interface RootfsStep {
  /** Where, absolute inside the root. */
  String path();

  /** A directory that must exist; an existing one keeps its mode. */
  record Directory(String path, int mode) implements RootfsStep {}

  /** A link made when nothing has that name. */
  record Link(String path, String target) implements RootfsStep {}
}
