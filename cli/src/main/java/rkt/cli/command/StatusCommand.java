package rkt.cli.command;

import java.time.Duration;
import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.cli.ExitCodes;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.grammar.UsageException;
import rkt.cli.grammar.Values;
import rkt.cli.render.LocalZone;
import rkt.cli.render.PlainText;
import rkt.cli.render.Times;
import rkt.pod.AppView;
import rkt.pod.Engine;
import rkt.pod.ExitCause;
import rkt.pod.PodState;
import rkt.pod.PodView;
import rkt.pod.WaitOutcome;
import rkt.pod.Waiter;
import rkt.schema.EngineException;
import rkt.schema.appc.PodUuid;
import rkt.schema.json.JsonWriter;

/** {@code rkt status}: what a pod is doing, after waiting for it if asked to. */
final class StatusCommand extends Command {
  private static final Duration NOT_AT_ALL = Duration.ZERO;

  StatusCommand() {
    super("status", "[--wait=bool|timeout] [--wait-ready=bool|timeout] --uuid-file=FILE | UUID");
  }

  @Override
  public String description() {
    return "Prints assorted information about the pod such as its state, pid and exit status.\n"
        + "--wait and --wait-ready take true, false or a timeout such as 10s; waiting for readiness comes first.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(
            Flag.optional(
                "wait",
                Flag.Kind.TEXT,
                "false",
                "true",
                "toggle waiting for the pod to finish, optionally with a timeout"))
        .add(
            Flag.optional(
                "wait-ready",
                Flag.Kind.TEXT,
                "false",
                "true",
                "toggle waiting until the pod is ready, optionally with a timeout"))
        .add(
            Flag.bool(
                "check-networks",
                "have the network plugins look whether the pod's networks are intact, and fail if"
                    + " one is not"))
        .add(PodArgument.uuidFile())
        .add(Format.flag());
  }

  @Override
  public String completion() {
    return "__rkt_pods";
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    Optional<Duration> wait = patience(invocation.flags(), "wait");
    Optional<Duration> waitReady = patience(invocation.flags(), "wait-ready");
    Format format = Format.of(invocation.flags());
    Engine engine = invocation.engine();
    PodUuid uuid = PodArgument.one(invocation, engine.pods(), ExitCodes.UUID_FILE);
    await(engine, uuid, waitReady, true);
    await(engine, uuid, wait, false);
    PodView pod = engine.pods().view(uuid);
    if (format == Format.TABLE) {
      print(invocation, pod);
    } else {
      JsonWriter json = format.writer();
      PodJson.write(json, pod);
      invocation.json(json.toString());
    }
    return invocation.flags().on("check-networks") ? checkNetworks(invocation, engine, uuid) : 0;
  }

  private static int checkNetworks(Invocation invocation, Engine engine, PodUuid uuid)
      throws EngineException {
    int status = 0;
    for (String problem : engine.networkUpkeep().check(uuid)) {
      invocation.note("network " + problem);
      status = ExitCodes.FAILURE;
    }
    return status;
  }

  /** How long to wait: zero for not at all, empty for as long as it takes. */
  static Optional<Duration> patience(FlagSet flags, String name) throws CommandFailure {
    String text = flags.value(name);
    try {
      if (Values.isBool(text)) {
        return Values.bool(text) ? Optional.empty() : Optional.of(NOT_AT_ALL);
      }
      long nanos = Values.duration(text);
      return nanos < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
    } catch (UsageException e) {
      throw CommandFailure.usage(
          "invalid value for --"
              + name
              + ": "
              + e.getMessage()
              + " (use true, false or a duration such as 10s)");
    }
  }

  private static void await(Engine engine, PodUuid uuid, Optional<Duration> patience, boolean ready)
      throws CommandFailure, EngineException {
    if (patience.isPresent() && patience.get().isZero()) {
      return;
    }
    Waiter waiter = engine.waiter();
    String waitingFor =
        ready ? "error waiting for pod readiness" : "error waiting for pod to finish";
    WaitOutcome outcome;
    try {
      outcome = ready ? waiter.awaitReady(uuid, patience) : waiter.awaitExit(uuid, patience);
    } catch (EngineException e) {
      throw CommandFailure.of(waitingFor, e);
    }
    if (outcome == WaitOutcome.TIMED_OUT) {
      throw CommandFailure.of(waitingFor + ": context deadline exceeded");
    }
  }

  private static void print(Invocation invocation, PodView pod) {
    LocalZone zone = LocalZone.system();
    PodState state = pod.state();
    invocation.out("state=" + state.text());
    if (pod.createdNanos().isPresent()) {
      invocation.out("created=" + Times.full(pod.createdNanos().getAsLong(), zone));
    }
    if (pod.startedNanos().isPresent()) {
      invocation.out("started=" + Times.full(pod.startedNanos().getAsLong(), zone));
    }
    if (state == PodState.RUNNING || state == PodState.EXITED) {
      invocation.out("networks=" + ListCommand.networks(pod));
      if (!ListCommand.ports(pod).isEmpty()) {
        invocation.out("ports=" + ListCommand.ports(pod));
      }
    }
    if (pod.failure().isPresent()) {
      invocation.out("failure=" + PlainText.cell(pod.failure().get()));
    }
    if (state != PodState.RUNNING && state != PodState.DELETING && !state.afterRun()) {
      return;
    }
    if (pod.pid().isPresent()) {
      invocation.out("pid=" + pod.pid().getAsInt());
    }
    boolean exited = state == PodState.EXITED || state == PodState.EXITED_GARBAGE;
    invocation.out("exited=" + exited);
    if (state != PodState.RUNNING) {
      apps(invocation, pod);
    }
  }

  private static void apps(Invocation invocation, PodView pod) {
    for (AppView app : pod.apps()) {
      if (app.exitCode().isPresent()) {
        invocation.out("app-" + app.name() + "=" + app.exitCode().getAsInt());
      }
    }
    // Why, where the number alone does not tell; new keys, so that old parsers pass over them.
    for (AppView app : pod.apps()) {
      if (app.cause().isPresent() && app.cause().get() != ExitCause.EXITED) {
        StringBuilder line = new StringBuilder("cause-");
        line.append(app.name()).append('=').append(app.cause().get().text());
        if (app.signal().isPresent()) {
          line.append(" (signal ").append(app.signal().getAsInt()).append(')');
        }
        invocation.out(line.toString());
      }
    }
    for (AppView app : pod.apps()) {
      if (app.oomKills() > 0) {
        invocation.out("oom-kills-" + app.name() + "=" + app.oomKills());
      }
    }
  }
}
