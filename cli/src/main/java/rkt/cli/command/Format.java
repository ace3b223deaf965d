package rkt.cli.command;

import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.schema.json.JsonWriter;

/** The {@code --format} of listings. */
enum Format {
  TABLE,
  JSON,
  JSON_PRETTY;

  static Flag flag() {
    return Flag.text("format", "", "choose the output format, allowed values: json, json-pretty");
  }

  static Format of(FlagSet flags) throws CommandFailure {
    String name = flags.value("format");
    return switch (name) {
      case "" -> TABLE;
      case "json" -> JSON;
      case "json-pretty" -> JSON_PRETTY;
      default ->
          throw CommandFailure.of("Invalid format option: " + name + " (use json or json-pretty)");
    };
  }

  JsonWriter writer() {
    return this == JSON_PRETTY ? JsonWriter.pretty() : JsonWriter.compact();
  }
}
