package rkt.schema.cni;

import java.util.List;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/** Name resolution as a network says it is. */
public record Dns(
    List<String> nameservers, String domain, List<String> search, List<String> options) {
  public static final Dns NONE = new Dns(List.of(), "", List.of(), List.of());

  public Dns {
    nameservers = List.copyOf(nameservers);
    search = List.copyOf(search);
    options = List.copyOf(options);
  }

  static Dns read(JsonObject json) {
    return new Dns(
        json.strings("nameservers"),
        json.string("domain", ""),
        json.strings("search"),
        json.strings("options"));
  }

  public boolean isEmpty() {
    return nameservers.isEmpty() && domain.isEmpty() && search.isEmpty() && options.isEmpty();
  }

  void write(JsonWriter json) {
    json.beginObject();
    if (!nameservers.isEmpty()) {
      json.name("nameservers").strings(nameservers);
    }
    if (!domain.isEmpty()) {
      json.name("domain").value(domain);
    }
    if (!search.isEmpty()) {
      json.name("search").strings(search);
    }
    if (!options.isEmpty()) {
      json.name("options").strings(options);
    }
    json.endObject();
  }
}
