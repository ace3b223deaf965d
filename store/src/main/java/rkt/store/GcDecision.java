package rkt.store;

/**
 * What gc decided about one thing, and why.
 *
 * @param what its ID, digest or name
 * @param why in a few words
 * @param what it takes, as far as that is known; 0 of a directory that stays
 */
public record GcDecision(Thing thing, String what, boolean kept, String why, long bytes) {
  /** The kinds of things in the store. */
  public enum Thing {
    IMAGE("image"),
    REFERENCE("reference"),
    BLOB("blob"),
    LAYER("layer"),
    TREE("tree"),
    EVIDENCE("evidence"),
    DOWNLOAD("interrupted download"),
    LEFTOVER("leftover");

    private final String word;

    Thing(String word) {
      this.word = word;
    }

    /** For people. */
    public String word() {
      return word;
    }
  }
}
