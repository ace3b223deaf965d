package rkt.stage1;

import java.nio.file.Path;

/**
 * A host file or directory shown inside an app.
 *
 * @param source absolute path on the host, resolved by the caller
 * @param target absolute path in the app; links in it are resolved inside the app's root
 * @param readOnly whether the app may write through it
 * @param recursive whether mounts below the source come along
 */
public record BindMount(Path source, String target, boolean readOnly, boolean recursive) {
  public BindMount {
    if (!source.isAbsolute() || !target.startsWith("/")) {
      throw new IllegalArgumentException(
          "bind mount paths must be absolute: " + source + " on " + target);
    }
  }
}
