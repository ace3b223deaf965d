package rkt.cli.command;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.FlagSet;
import rkt.pod.PodPlan;
import rkt.schema.json.JsonWriter;

/** {@code rkt run --print-plan}: the plan of a pod, for people or for programs. */
final class PlanPage {
  private PlanPage() {}

  /** Refuses an unknown form before anything is fetched. */
  static void check(FlagSet flags) throws CommandFailure {
    if (!flags.given("print-plan")) {
      return;
    }
    if (flags.given("uuid-file-save")) {
      throw CommandFailure.of("--print-plan leaves no pod whose UUID --uuid-file-save could save");
    }
    switch (flags.value("print-plan")) {
      case "text", "json", "json-pretty" -> {}
      default ->
          throw CommandFailure.of(
              "invalid value in --print-plan: "
                  + flags.value("print-plan")
                  + " is none of text, json, json-pretty");
    }
  }

  static void print(Invocation invocation, PodPlan plan) {
    for (String warning : plan.launch().warnings()) {
      invocation.note(warning);
    }
    switch (invocation.flags().value("print-plan")) {
      case "json" -> invocation.json(PlanJson.of(plan, JsonWriter.compact()));
      case "json-pretty" -> invocation.json(PlanJson.of(plan, JsonWriter.pretty()));
      default -> invocation.out(PlanText.of(plan));
    }
  }

  /** A file of the plan as text; empty when the plan has none of that name. */
  static String file(PodPlan plan, Path path) {
    for (var file : plan.launch().files()) {
      if (file.path().equals(path)) {
        return new String(file.bytes(), StandardCharsets.UTF_8);
      }
    }
    return "";
  }

  /** The OCI configuration of an app. */
  static String config(PodPlan plan, PodPlan.Root root) {
    return file(plan, root.bundle().resolve("config.json"));
  }

  /** What the supervisor is told: {@code key=value} strings. */
  static String[] launch(PodPlan plan) {
    String text = file(plan, Path.of(plan.launch().argv().getLast()));
    return text.isEmpty() ? new String[0] : text.split("\0");
  }
}
