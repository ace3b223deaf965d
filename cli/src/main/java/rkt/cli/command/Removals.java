package rkt.cli.command;

import java.util.List;
import rkt.cli.ExitCodes;
import rkt.store.RemovalResult;

/** What {@code image rm} and {@code image gc} say about removed images. */
final class Removals {
  private final Invocation invocation;
  private int removed;
  private int stale;
  private int failed;

  Removals(Invocation invocation) {
    this.invocation = invocation;
  }

  void add(List<RemovalResult> results) {
    for (RemovalResult result : results) {
      add(result);
    }
  }

  void add(RemovalResult result) {
    if (result instanceof RemovalResult.Removed) {
      removed++;
      invocation.out("successfully removed aci for image: \"" + result.id() + "\"");
    } else if (result instanceof RemovalResult.Partly partly) {
      stale++;
      invocation.note("error removing aci for image \"" + result.id() + "\": " + partly.why());
    } else {
      failed++;
      invocation.note("cannot find image with key: " + result.id());
    }
  }

  void failed(String id, Throwable why) {
    failed++;
    invocation.console().problem("error removing aci for image \"" + id + "\"", why);
  }

  /** Says the sums. @return the exit status */
  int report() {
    if (removed > 0) {
      invocation.note(removed + " image(s) successfully removed");
    }
    if (stale > 0) {
      invocation.note(stale + " image(s) removed but left some stale files");
    }
    if (failed > 0) {
      invocation.note(failed + " image(s) cannot be removed");
    }
    if (stale > 0 || failed > 0) {
      invocation.note("error(s) found while removing images");
      return ExitCodes.FAILURE;
    }
    return ExitCodes.OK;
  }
}
