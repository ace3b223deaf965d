package rkt.stage1.oci;

import java.util.Optional;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.stage1.IdRange;

/** Whether the pod's user namespace has the IDs that an app runs as. */
final class AppIds {
  private AppIds() {}

  /**
   * @throws EngineException when one is missing; the runtime would only say EINVAL
   */
  static void check(AppPlan app, Optional<IdRange> users) throws EngineException {
    if (users.isEmpty()) {
      return;
    }
    check(app, users.get(), "user", app.user().uid());
    check(app, users.get(), "group", app.user().gid());
    for (int gid : app.spec().app().supplementaryGids()) {
      check(app, users.get(), "supplementary group", Integer.toUnsignedLong(gid));
    }
  }

  private static void check(AppPlan app, IdRange range, String kind, long id)
      throws EngineException {
    if (!range.has(id)) {
      throw EngineException.of(
          ErrorCode.INVALID,
          "cannot start app \"" + app.spec().name() + "\"",
          "its "
              + kind
              + " "
              + id
              + " is not in the pod's user namespace, which has the IDs 0 to "
              + (range.count() - 1),
          "choose another " + kind + ", or run the pod without --private-users");
    }
  }
}
