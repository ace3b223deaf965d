package rkt.cli.command;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.render.LocalZone;
import rkt.cli.render.Sizes;
import rkt.cli.render.Table;
import rkt.cli.render.Times;
import rkt.schema.EngineException;
import rkt.schema.json.JsonWriter;
import rkt.store.ImageRecord;
import rkt.store.ImageStore;

/** {@code rkt image list}. */
final class ImageListCommand extends Command {
  private static final String FIELDS = "id,name,size,importtime,lastused";

  ImageListCommand() {
    super("image list", "");
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(
            Flag.choices(
                "fields",
                FIELDS,
                FIELDS,
                "comma-separated list of fields to display. Accepted values: " + FIELDS))
        .add(
            Flag.choices(
                "sort",
                "name,importtime,lastused,size",
                "importtime",
                "sort the output according to the provided comma-separated list of fields. Accepted values: name,importtime,lastused,size"))
        .add(
            Flag.text(
                "order",
                "asc",
                "choose the sorting order if at least one sort field is provided (--sort). Accepted values: asc, desc"))
        .add(Flag.bool("no-legend", "suppress a legend with the list"))
        .add(Flag.bool("full", "use long output format"))
        .add(Format.flag());
  }

  /** One image with what the listing shows of it. */
  private record Row(ImageRecord image, String name, long size) {}

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    invocation.noArguments();
    FlagSet flags = invocation.flags();
    Format format = Format.of(flags);
    boolean descending = descending(flags.value("order"));
    ImageStore store = invocation.engine().images();
    Problems problems = new Problems("images");
    List<Row> rows = rows(store, problems);
    List<String> sort = chosen(flags, "sort");
    // Stable sorts from the least important field to the most important one.
    for (int i = sort.size() - 1; i >= 0; i--) {
      Comparator<Row> order = by(sort.get(i));
      rows.sort(descending ? Collections.reverseOrder(order) : order);
    }
    if (format == Format.TABLE) {
      table(invocation, rows, chosen(flags, "fields"));
    } else {
      json(invocation, rows, format.writer());
    }
    problems.report(invocation);
    return 0;
  }

  private static boolean descending(String order) throws CommandFailure {
    return switch (order) {
      case "asc" -> false;
      case "desc" -> true;
      default -> throw CommandFailure.of("wrong sort order (use asc or desc)");
    };
  }

  private static List<String> chosen(FlagSet flags, String name) {
    List<String> given = flags.all(name);
    return given.isEmpty() ? FlagSet.split(flags.value(name), ',') : given;
  }

  private static List<Row> rows(ImageStore store, Problems problems) throws EngineException {
    List<Row> rows = new ArrayList<>();
    for (ImageRecord image : store.list()) {
      try {
        String version = image.labels().get("version").orElse("");
        String name = image.name() + (version.isEmpty() ? "" : ":" + version);
        rows.add(new Row(image, name, store.sizeOf(image)));
      } catch (EngineException e) {
        problems.add("image " + image.id() + ": " + e.getMessage());
      }
    }
    return rows;
  }

  private static Comparator<Row> by(String field) {
    return switch (field) {
      case "name" -> (a, b) -> a.name().compareTo(b.name());
      case "size" -> (a, b) -> Long.compare(a.size(), b.size());
      case "lastused" ->
          (a, b) -> Long.compare(a.image().lastUsedNanos(), b.image().lastUsedNanos());
      default -> (a, b) -> Long.compare(a.image().importTimeNanos(), b.image().importTimeNanos());
    };
  }

  private static void table(Invocation invocation, List<Row> rows, List<String> fields) {
    boolean full = invocation.flags().on("full");
    long now = System.currentTimeMillis() / 1000;
    LocalZone zone = full ? LocalZone.system() : LocalZone.UTC;
    Table table = new Table();
    if (!invocation.flags().on("no-legend")) {
      List<String> cells = new ArrayList<>(fields.size());
      for (String field : fields) {
        cells.add(header(field));
      }
      table.row(cells);
    }
    for (Row row : rows) {
      List<String> cells = new ArrayList<>(fields.size());
      for (String field : fields) {
        cells.add(cell(row, field, full, now, zone));
      }
      table.row(cells);
    }
    invocation.console().write(table.toString());
  }

  private static String header(String field) {
    return switch (field) {
      case "id" -> "ID";
      case "name" -> "NAME";
      case "size" -> "SIZE";
      case "importtime" -> "IMPORT TIME";
      default -> "LAST USED";
    };
  }

  private static String cell(Row row, String field, boolean full, long now, LocalZone zone) {
    ImageRecord image = row.image();
    return switch (field) {
      case "id" -> full ? image.id().toString() : image.id().shortForm();
      case "name" -> row.name();
      case "size" -> full ? Long.toString(row.size()) : Sizes.iec(row.size());
      case "importtime" -> time(image.importTimeNanos(), full, now, zone);
      default -> time(image.lastUsedNanos(), full, now, zone);
    };
  }

  private static String time(long nanos, boolean full, long now, LocalZone zone) {
    return full
        ? Times.full(nanos, zone)
        : Times.relative(Math.floorDiv(nanos, 1_000_000_000L), now);
  }

  private static void json(Invocation invocation, List<Row> rows, JsonWriter json) {
    if (rows.isEmpty()) {
      invocation.out(json.nullValue().toString());
      return;
    }
    json.beginArray();
    for (Row row : rows) {
      json.beginObject();
      json.name("id").value(row.image().id().toString());
      json.name("name").value(row.name());
      json.name("import_time").value(row.image().importTimeNanos());
      json.name("last_used_time").value(row.image().lastUsedNanos());
      json.name("size").value(row.size());
      json.endObject();
    }
    invocation.out(json.endArray().toString());
  }
}
