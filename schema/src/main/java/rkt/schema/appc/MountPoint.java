package rkt.schema.appc;

/** A place in an image where a volume belongs. */
public record MountPoint(AcName name, String path, boolean readOnly) {
  public MountPoint {
    Rules.path("path of mountPoint", path);
  }
}
