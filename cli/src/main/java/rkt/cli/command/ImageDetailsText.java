package rkt.cli.command;

import java.util.ArrayList;
import java.util.List;
import rkt.cli.render.LocalZone;
import rkt.cli.render.Sizes;
import rkt.cli.render.Table;
import rkt.cli.render.Times;
import rkt.image.LocalNames;
import rkt.schema.appc.App;
import rkt.schema.appc.Label;
import rkt.schema.oci.OciConfig;
import rkt.schema.trust.Verdict;
import rkt.store.ImageRecord;
import rkt.store.ImageUsage;
import rkt.store.StoredReference;

/** {@link ImageDetails} for people. */
final class ImageDetailsText {
  private final Table table = new Table();
  private final LocalZone zone = LocalZone.system();

  private ImageDetailsText() {}

  static String of(ImageDetails details) {
    ImageDetailsText text = new ImageDetailsText();
    text.identity(details);
    text.provenance(details);
    text.app(details);
    return text.table + layers(details);
  }

  private void line(String name, String value) {
    if (!value.isEmpty()) {
      table.row(name + ":", value);
    }
  }

  private void identity(ImageDetails details) {
    ImageRecord image = details.image();
    line("ID", image.id().toString());
    line("Name", ImageRow.name(image));
    line("Type", ImageColumns.type(image.kind()));
    image.manifestDigest().ifPresent(digest -> line("Digest", digest.toString()));
    List<String> labels = new ArrayList<>();
    for (Label label : image.labels()) {
      labels.add(label.name() + "=" + label.value());
    }
    line("Labels", String.join(", ", labels));
    String name = "References";
    for (StoredReference each : details.references()) {
      table.row(name.isEmpty() ? "" : name + ":", LocalNames.shown(each.reference().ref()));
      name = "";
    }
    ImageUsage usage = details.usage();
    line(
        "Size",
        Sizes.iec(usage.size())
            + " ("
            + Sizes.iec(usage.blobBytes())
            + " stored, "
            + Sizes.iec(usage.treeBytes())
            + " unpacked)");
    line("Unique", Sizes.iec(usage.uniqueBytes()));
    line("Shared", Sizes.iec(usage.sharedBytes()));
  }

  private void provenance(ImageDetails details) {
    ImageRecord image = details.image();
    details.config().flatMap(OciConfig::created).ifPresent(created -> line("Created", created));
    details.config().flatMap(OciConfig::author).ifPresent(author -> line("Author", author));
    line("Imported", Times.full(image.importTimeNanos(), zone));
    line("Last used", Times.full(image.lastUsedNanos(), zone));
    for (Verdict verdict : image.verdicts()) {
      verdict(verdict);
    }
  }

  private void verdict(Verdict verdict) {
    line(
        "Verdict",
        verdict.kind().word()
            + (verdict.subject().isEmpty() ? "" : ", as " + verdict.subject())
            + (verdict.kind() == Verdict.Kind.UNCHECKED
                ? ""
                : verdict.rule().isEmpty()
                    ? ", by the default rule"
                    : ", by the rule for \"" + verdict.rule() + "\""));
    line("Signed with", verdict.key());
    line("Signed by", String.join(", ", verdict.identities()));
  }

  private void app(ImageDetails details) {
    details
        .config()
        .ifPresent(config -> line("Platform", config.os() + "/" + config.architecture()));
    if (details.manifest().app().isEmpty()) {
      return;
    }
    App app = details.manifest().app().get();
    line("Runs", quoted(app.exec()));
    line("User", app.user() + ":" + app.group());
    line("Directory", app.workingDirectory());
    List<String> names = new ArrayList<>();
    app.ports().forEach(port -> names.add(port.name() + "=" + port.port() + "/" + port.protocol()));
    line("Ports", String.join(", ", names));
    names.clear();
    app.mountPoints().forEach(mount -> names.add(mount.path()));
    line("Mount points", String.join(", ", names));
    line("Isolators", app.isolators().isEmpty() ? "" : Integer.toString(app.isolators().size()));
  }

  private static String quoted(List<String> exec) {
    List<String> words = new ArrayList<>();
    for (String word : exec) {
      boolean plain = !word.isEmpty() && word.indexOf(' ') < 0 && word.indexOf('"') < 0;
      words.add(plain ? word : rkt.cli.grammar.Values.quote(word));
    }
    return String.join(" ", words);
  }

  private static String layers(ImageDetails details) {
    if (details.layers().isEmpty()) {
      return "";
    }
    Table table = new Table();
    table.row("", "LAYER", "SIZE", "SHARED WITH");
    for (ImageDetails.Layer layer : details.layers()) {
      table.row(
          "",
          layer.blob().digest().toString(),
          Sizes.iec(layer.blob().size()),
          layer.sharedWith() == 0 ? "-" : layer.sharedWith() + " image(s)");
    }
    return "Layers:\n" + table;
  }
}
