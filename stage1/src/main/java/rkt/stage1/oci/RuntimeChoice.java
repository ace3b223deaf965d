package rkt.stage1.oci;

import java.nio.file.Path;

/**
 * The OCI runtime that will run the apps.
 *
 * @param binary absolute path
 * @param name {@code crun}, {@code runc}, or the file's name when it is neither
 */
public record RuntimeChoice(Path binary, String name) {
  /** Whether it behaves as crun where crun and runc differ. */
  public boolean isCrun() {
    return name.equals("crun");
  }
}
