package rkt.store;

import java.io.IOException;
import java.nio.file.Path;

/** Something in the store that rkt would not have made so: it is neither followed nor used. */
final class ForeignEntry extends IOException {
  private static final long serialVersionUID = 1L;

  private final String why;

  ForeignEntry(Path path, String why) {
    super(path + " " + why + ": rkt has not made it and leaves it alone; look at it and remove it");
    this.why = why;
  }

  /** For who names the path, and knows better what to do: "is no plain file". */
  String why() {
    return why;
  }
}
