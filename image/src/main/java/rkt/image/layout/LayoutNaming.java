package rkt.image.layout;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import rkt.image.OciOrigin;
import rkt.schema.SchemaException;
import rkt.schema.appc.AcIdentifier;
import rkt.schema.oci.DockerReference;

/**
 * What an image of a layout is called: what the layout says if that is a registry's name, else the
 * name of the file, with the layout's word as the version.
 *
 * @param path of the layout
 */
record LayoutNaming(Path path) {
  /** The full name that containerd and BuildKit write beside a mere tag. */
  private static final String CONTAINERD_NAME = "io.containerd.image.name";

  private static final int MAX_TAG = 128;
  private static final String[] SUFFIXES = {
    ".gz", ".zst", ".xz", ".bz2", ".tgz", ".tar", ".oci-archive", ".docker-archive", ".oci",
  };

  /** By the annotations of the index entry. */
  OciOrigin ofLayout(Map<String, String> annotations) {
    Optional<DockerReference> full = reference(annotations.getOrDefault(CONTAINERD_NAME, ""));
    String ref = annotations.getOrDefault(OciLayout.REF_NAME, "");
    if (full.isEmpty()) {
      full = reference(ref);
    }
    return full.isPresent() ? OciOrigin.of(full.get()) : byFile(ref);
  }

  /** By the name {@code docker save} was given. */
  OciOrigin ofArchive(String repoTag) {
    Optional<DockerReference> full = reference(repoTag);
    return full.isPresent() ? OciOrigin.of(full.get()) : byFile("");
  }

  /** A bare word is a tag: only with a slash or a colon it names something in a registry. */
  private static Optional<DockerReference> reference(String text) {
    if (text.indexOf('/') < 0 && text.indexOf(':') < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(DockerReference.parse(text));
    } catch (SchemaException e) {
      return Optional.empty();
    }
  }

  private OciOrigin byFile(String tag) {
    String name = path.getFileName() == null ? "" : path.getFileName().toString();
    for (boolean cut = true; cut; ) {
      cut = false;
      for (String suffix : SUFFIXES) {
        if (name.length() > suffix.length() && name.endsWith(suffix)) {
          name = name.substring(0, name.length() - suffix.length());
          cut = true;
        }
      }
    }
    AcIdentifier identifier;
    try {
      identifier = AcIdentifier.sanitize(name);
    } catch (SchemaException e) {
      identifier = new AcIdentifier("image");
    }
    return OciOrigin.local(identifier, isTag(tag) ? Optional.of(tag) : Optional.empty());
  }

  /** A stranger's word that becomes a label: short and printable, or nothing. */
  private static boolean isTag(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) <= ' ' || text.charAt(i) > '~') {
        return false;
      }
    }
    return !text.isEmpty() && text.length() <= MAX_TAG;
  }
}
