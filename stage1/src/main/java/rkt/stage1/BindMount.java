package rkt.stage1;

import java.nio.file.Path;

/**
 * A volume in an app.
 *
 * @param source absolute path of what is shown: below the pod directory once the volume is mounted
 *     there, on the host otherwise
 * @param target absolute path in the app
 * @param readOnly whether the app may write through it
 * @param recursive whether mounts below the source come along
 * @param placed whether it is mounted in the app's root already, at {@code target}, which then has
 *     no links in it; otherwise the flavor mounts it, and links in {@code target} are resolved
 *     inside the app's root
 * @param followsHost whether mounts the host makes below the source later are to show up
 * @param origin what the user knows it as, for plans and messages
 */
public record BindMount(
    Path source,
    String target,
    boolean readOnly,
    boolean recursive,
    boolean placed,
    boolean followsHost,
    String origin) {
  public BindMount {
    if (!source.isAbsolute() || !target.startsWith("/")) {
      throw new IllegalArgumentException(
          "bind mount paths must be absolute: " + source + " on " + target);
    }
  }

  /** One that the flavor is to mount. */
  public BindMount(Path source, String target, boolean readOnly, boolean recursive) {
    this(source, target, readOnly, recursive, false, false, source.toString());
  }

  /** This mount, made in the app's root. */
  public BindMount asPlaced() {
    return new BindMount(source, target, readOnly, recursive, true, followsHost, origin);
  }
}
