package rkt.cli.command;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.render.Sizes;
import rkt.cli.render.Table;
import rkt.image.LocalNames;
import rkt.schema.EngineException;
import rkt.schema.ImageId;
import rkt.schema.json.JsonWriter;
import rkt.store.ImageStore;
import rkt.store.ImageSummary;
import rkt.store.ImageUsage;
import rkt.store.StoreUsage;
import rkt.store.StoredReference;

/** {@code rkt image list}. */
final class ImageListCommand extends Command {
  ImageListCommand() {
    super("image list", "");
  }

  @Override
  public String description() {
    return """
    SIZE is what an image takes in all: its blobs and its rendered tree or unpacked layers. Of that,
    UNIQUE is what only this image has (what removing it and "rkt image gc" would free), SHARED what
    other images have, too.

    --filter may be repeated, and an image has to meet all of them: name=PATTERN, label.NAME=PATTERN,
    ref=PATTERN, type=aci|oci, verdict=pgp|cosign|unsigned|unchecked, latest=true|false,
    before=IMAGE, since=IMAGE. In a PATTERN, * stands for any text.\
    """;
  }

  @Override
  public void flags(FlagSet flags) {
    flags
        .add(
            Flag.choices(
                "fields",
                ImageColumns.ALL,
                ImageColumns.DEFAULT,
                "comma-separated list of fields to display. Accepted values: " + ImageColumns.ALL))
        .add(
            Flag.choices(
                "sort",
                ImageColumns.SORTABLE,
                "importtime",
                "sort the output according to the provided comma-separated list of fields. Accepted"
                    + " values: "
                    + ImageColumns.SORTABLE))
        .add(
            Flag.text(
                "order",
                "asc",
                "choose the sorting order if at least one sort field is provided (--sort). Accepted"
                    + " values: asc, desc"))
        .add(Flag.repeated("filter", "show only images that meet this condition, KEY=VALUE"))
        .add(Flag.bool("no-legend", "suppress a legend with the list"))
        .add(Flag.bool("full", "use long output format"))
        .add(Format.flag());
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    invocation.noArguments();
    FlagSet flags = invocation.flags();
    Format format = Format.of(flags);
    boolean descending = descending(flags.value("order"));
    List<String> fields = chosen(flags, "fields");
    ImageStore store = invocation.engine().images();
    ImageFilter filter = ImageFilter.of(flags.all("filter"), store);
    List<String> sort = chosen(flags, "sort");
    boolean withUsage =
        ImageColumns.needUsage(fields) || ImageColumns.needUsage(sort) || filter.needsUsage();
    Map<ImageId, List<String>> refs =
        fields.contains("refs") || filter.needsRefs() ? refs(store) : Map.of();
    Problems problems = new Problems("images");
    Optional<StoreUsage> usage =
        withUsage ? Optional.of(store.usage(problems::add)) : Optional.empty();
    List<ImageRow> rows =
        usage.isPresent() ? rows(usage.get(), refs) : rows(store.summaries(problems::add), refs);
    rows.removeIf(row -> !filter.accepts(row));
    // Stable sorts from the least important field to the most important one.
    for (int i = sort.size() - 1; i >= 0; i--) {
      Comparator<ImageRow> order = ImageColumns.order(sort.get(i));
      rows.sort(descending ? Collections.reverseOrder(order) : order);
    }
    if (format == Format.TABLE) {
      table(invocation, rows, fields);
      if (usage.isPresent()) {
        total(invocation, usage.get(), fields);
      }
    } else {
      json(invocation, rows, fields, format.writer());
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

  private static List<ImageRow> rows(StoreUsage usage, Map<ImageId, List<String>> refs) {
    List<ImageRow> rows = new ArrayList<>(usage.images().size());
    for (ImageUsage each : usage.images()) {
      rows.add(ImageRow.of(each, refs.getOrDefault(each.image().id(), List.of())));
    }
    return rows;
  }

  private static List<ImageRow> rows(List<ImageSummary> all, Map<ImageId, List<String>> refs) {
    List<ImageRow> rows = new ArrayList<>(all.size());
    for (ImageSummary each : all) {
      rows.add(ImageRow.of(each, refs.getOrDefault(each.id(), List.of())));
    }
    return rows;
  }

  private static Map<ImageId, List<String>> refs(ImageStore store) throws EngineException {
    Map<ImageId, List<String>> refs = new HashMap<>();
    for (StoredReference each : store.references()) {
      refs.computeIfAbsent(each.image(), id -> new ArrayList<>(1))
          .add(LocalNames.shown(each.reference().ref()));
    }
    refs.values().forEach(Collections::sort);
    return refs;
  }

  private static void table(Invocation invocation, List<ImageRow> rows, List<String> fields) {
    ImageColumns columns = new ImageColumns(invocation.flags().on("full"));
    Table table = new Table();
    if (!invocation.flags().on("no-legend")) {
      List<String> cells = new ArrayList<>(fields.size());
      for (String field : fields) {
        cells.add(ImageColumns.header(field));
      }
      table.row(cells);
    }
    for (ImageRow row : rows) {
      List<String> cells = new ArrayList<>(fields.size());
      for (String field : fields) {
        cells.add(columns.cell(row, field));
      }
      table.row(cells);
    }
    invocation.console().write(table.toString());
  }

  /** Beside columns that do not add up: what several images share would count several times. */
  private static void total(Invocation invocation, StoreUsage usage, List<String> fields) {
    boolean asked = fields.contains("unique") || fields.contains("shared");
    if (asked && !invocation.flags().on("no-legend")) {
      invocation.note(
          usage.images().size()
              + " image(s) take "
              + Sizes.iec(usage.totalBytes())
              + " in all, what is shared counted once");
    }
  }

  private static void json(
      Invocation invocation, List<ImageRow> rows, List<String> fields, JsonWriter json) {
    if (rows.isEmpty()) {
      invocation.out(json.nullValue().toString());
      return;
    }
    json.beginArray();
    for (ImageRow row : rows) {
      ImageColumns.json(json, row, fields);
    }
    invocation.json(json.endArray().toString());
  }
}
