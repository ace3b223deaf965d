package rkt.cli.command;

import java.time.Instant;
import java.util.List;
import rkt.cli.CommandFailure;
import rkt.cli.grammar.Flag;
import rkt.cli.grammar.FlagSet;
import rkt.cli.render.Table;
import rkt.schema.EngineException;
import rkt.schema.json.JsonWriter;
import rkt.trust.Keystore;
import rkt.trust.Keystore.KeyFile;
import rkt.trust.pgp.PgpKey;

/** {@code rkt trust list}: the keystore, with what its keys say of themselves. */
final class TrustListCommand extends Command {
  TrustListCommand() {
    super("trust list", "");
  }

  @Override
  public String description() {
    return "Lists the trusted keys. STATUS says whether a key vouches for anything today.\n"
        + "\"masked\" is a system key that an empty local file withdraws.";
  }

  @Override
  public void flags(FlagSet flags) {
    flags.add(Flag.bool("no-legend", "suppress a legend with the list")).add(Format.flag());
  }

  /** A row: what is known of one file. */
  private record Row(
      KeyFile file, String status, String expires, List<String> identities, String algorithm) {
    String scope() {
      return file.prefix().isEmpty() ? "(root)" : file.prefix();
    }

    String origin() {
      return file.local() ? "local" : "system";
    }
  }

  @Override
  public int run(Invocation invocation) throws CommandFailure, EngineException {
    invocation.noArguments();
    Format format = Format.of(invocation.flags());
    Keystore keystore = invocation.engine().keystore();
    List<KeyFile> files = keystore.all();
    List<Row> rows = new java.util.ArrayList<>(files.size());
    for (KeyFile file : files) {
      if (!file.mask()) {
        rows.add(row(keystore, file, files));
      }
    }
    if (format == Format.TABLE) {
      table(invocation, rows);
    } else {
      invocation.json(json(rows, format));
    }
    return 0;
  }

  private static Row row(Keystore keystore, KeyFile file, List<KeyFile> files) {
    PgpKey key;
    try {
      key = keystore.read(file, Instant.now());
    } catch (EngineException e) {
      return new Row(file, "broken: " + e.why(), "", List.of(), "");
    }
    String status = key.problem().isEmpty() ? "trusted" : key.problem();
    for (KeyFile other : files) {
      if (other.mask()
          && !file.local()
          && other.local()
          && other.prefix().equals(file.prefix())
          && other.fingerprint().equals(file.fingerprint())) {
        status = "masked";
      }
    }
    String expires = key.primary().expires().map(at -> at.toString().substring(0, 10)).orElse("");
    return new Row(file, status, expires, key.identities(), key.primary().algorithm());
  }

  private static void table(Invocation invocation, List<Row> rows) {
    if (rows.isEmpty()) {
      return;
    }
    Table table = new Table();
    if (!invocation.flags().on("no-legend")) {
      table.row("FINGERPRINT", "PREFIX", "ORIGIN", "STATUS", "EXPIRES", "ALGORITHM", "IDENTITY");
    }
    for (Row row : rows) {
      table.row(
          row.file().fingerprint(),
          row.scope(),
          row.origin(),
          row.status(),
          row.expires().isEmpty() ? "never" : row.expires(),
          row.algorithm(),
          String.join(", ", row.identities()));
    }
    invocation.console().write(table.toString());
  }

  private static String json(List<Row> rows, Format format) {
    JsonWriter json = format.writer();
    json.beginArray();
    for (Row row : rows) {
      json.beginObject();
      json.name("fingerprint").value(row.file().fingerprint());
      json.name("prefix").value(row.file().prefix());
      json.name("origin").value(row.origin());
      json.name("file").value(row.file().path().toString());
      json.name("status").value(row.status());
      json.name("expires").value(row.expires());
      json.name("algorithm").value(row.algorithm());
      json.name("identities").beginArray();
      for (String identity : row.identities()) {
        json.value(identity);
      }
      json.endArray().endObject();
    }
    return json.endArray().toString();
  }
}
