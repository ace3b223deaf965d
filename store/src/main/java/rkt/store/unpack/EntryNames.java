package rkt.store.unpack;

/** Names in archives, for those who read entries without unpacking them. */
public final class EntryNames {
  private EntryNames() {}

  /**
   * The name relative to the archive's root, without empty or {@code .} components, "" for the
   * root.
   *
   * @throws ArchiveException for a name that climbs ({@code ..}), or is too long or too deep
   */
  public static String canonical(String raw, UnpackLimits limits) throws ArchiveException {
    return EntryPath.canonical(raw, limits.maxDepth());
  }

  /** A name in quotes for a message, shortened and without control characters. */
  public static String quote(String name) {
    return EntryPath.quote(name);
  }
}
