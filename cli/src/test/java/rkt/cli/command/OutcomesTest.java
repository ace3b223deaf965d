package rkt.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import rkt.cli.GlobalFlags;
import rkt.cli.TestConsole;
import rkt.cli.grammar.FlagSet;
import rkt.pod.RemoveOutcome;
import rkt.pod.StopOutcome;
import rkt.schema.EngineException;
import rkt.schema.ErrorCode;
import rkt.schema.ImageId;
import rkt.schema.appc.PodUuid;
import rkt.store.RemovalResult;

/** What stop, rm and image rm say about each outcome. */
class OutcomesTest {
  private static final PodUuid POD = PodUuid.parse("01234567-89ab-cdef-0123-456789abcdef");
  private static final String QUOTED = "\"" + POD + "\"";

  private final TestConsole console = new TestConsole();

  private static EngineException broken() {
    return EngineException.of(ErrorCode.SYSTEM, "kill", "no such process");
  }

  private boolean stopped(StopOutcome outcome) {
    console.console().begin("stop", GlobalFlags.table());
    return StopCommand.said(console.console(), POD, outcome);
  }

  private boolean removed(RemoveOutcome outcome) {
    console.console().begin("rm", GlobalFlags.table());
    return RmCommand.said(console.console(), POD, outcome);
  }

  @Test
  void stop() {
    assertThat(stopped(new StopOutcome.Stopped())).isTrue();
    assertThat(stopped(new StopOutcome.AlreadyStopped())).isTrue();
    assertThat(console.out()).isEqualTo(QUOTED + "\npod " + QUOTED + " is already stopped\n");
    assertThat(stopped(new StopOutcome.NotRunning())).isFalse();
    assertThat(stopped(new StopOutcome.Failed(broken()))).isFalse();
    assertThat(console.err())
        .isEqualTo(
            "stop: pod "
                + QUOTED
                + " is not running\nstop: error stopping "
                + QUOTED
                + ": no such process\n");
  }

  @Test
  void rm() {
    assertThat(removed(new RemoveOutcome.Removed())).isTrue();
    assertThat(console.out()).isEqualTo(QUOTED + "\n");
    assertThat(removed(new RemoveOutcome.Busy("pod " + QUOTED + " is currently running")))
        .isFalse();
    assertThat(removed(new RemoveOutcome.Failed(broken()))).isFalse();
    assertThat(console.err())
        .startsWith("rm: pod " + QUOTED + " is currently running\nrm: unable to remove pod ");
  }

  @Test
  void imageRemovals() {
    FlagSet flags = GlobalFlags.table();
    console.console().begin("rm", flags);
    Removals removals = new Removals(new Invocation(flags, List.of(), console.console(), true));
    ImageId id = ImageId.sha512("ab".repeat(32));
    removals.add(new RemovalResult.Removed(id, 1));
    assertThat(removals.report()).isZero();
    assertThat(console.out()).isEqualTo("successfully removed aci for image: \"" + id + "\"\n");
    assertThat(console.err()).isEqualTo("rm: 1 image(s) successfully removed\n");
    removals.add(new RemovalResult.Partly(id, "busy"));
    removals.add(new RemovalResult.NotFound(id));
    assertThat(removals.report()).isEqualTo(254);
    assertThat(console.err())
        .contains("rm: 1 image(s) removed but left some stale files\n")
        .contains("rm: 1 image(s) cannot be removed\n")
        .endsWith("rm: error(s) found while removing images\n");
  }

  @Test
  void listingProblemsComeInTheirBlock() {
    FlagSet flags = GlobalFlags.table();
    console.console().begin("list", flags);
    Invocation invocation = new Invocation(flags, List.of(), console.console(), true);
    Problems problems = new Problems("pods");
    problems.report(invocation);
    assertThat(console.err()).isEmpty();
    problems.add("pod x: invalid creation time");
    problems.report(invocation);
    assertThat(console.err())
        .startsWith(
            """
            list: 1 error(s) encountered when listing pods:
            list: ----------------------------------------
            list: pod x: invalid creation time
            """)
        .contains("list: misc:\nlist:   rkt's appc version: ");
  }
}
