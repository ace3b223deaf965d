package rkt.store;

/**
 * One thing of an image that is not as it was imported.
 *
 * @param subject the digest, image ID or tree ID
 * @param problem a line for the user
 * @param repaired whether it was made again from what is stored; if not, it has to be fetched
 */
public record Finding(Part part, String subject, String problem, boolean repaired) {
  /** What is damaged. */
  public enum Part {
    /** The archive of an ACI: import it again. */
    ARCHIVE,
    /** The copy of the appc manifest. */
    MANIFEST,
    /** A blob of an OCI image: fetch it again; a damaged one is gone after a repair. */
    BLOB,
    /** An unpacked layer. */
    LAYER,
    /** A rendered tree. */
    TREE
  }
}
