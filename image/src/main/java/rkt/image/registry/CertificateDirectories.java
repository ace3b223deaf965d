package rkt.image.registry;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Where Docker and podman look for a registry's authorities: {@code HOST[:PORT]/*.crt}. An
 * administrator who made a registry work with them need not repeat it for rkt.
 */
final class CertificateDirectories {
  private static final List<Path> PARENTS =
      List.of(Path.of("/etc/containers/certs.d"), Path.of("/etc/docker/certs.d"));

  private CertificateDirectories() {}

  static List<Path> authorities(String authority) {
    return authorities(PARENTS, authority);
  }

  /** What cannot be listed has no authorities: the certificate is then refused, with its reason. */
  static List<Path> authorities(List<Path> parents, String authority) {
    List<Path> found = new ArrayList<>();
    // Out of a URL, so checked: no slash, no way up.
    if (authority.isEmpty() || authority.indexOf('/') >= 0 || authority.startsWith(".")) {
      return found;
    }
    for (Path parent : parents) {
      Path directory = parent.resolve(authority);
      if (Files.isDirectory(directory)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.crt")) {
          files.forEach(found::add);
        } catch (IOException | DirectoryIteratorException e) {
          continue;
        }
      }
    }
    Collections.sort(found);
    return found;
  }
}
