package rkt.schema.oci;

import java.util.ArrayList;
import java.util.List;
import rkt.schema.SchemaException;
import rkt.schema.Texts;
import rkt.schema.json.Json;
import rkt.schema.json.JsonArray;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonValue;
import rkt.schema.json.JsonWriter;

/** {@code manifest.json} of an archive made by {@code docker save}. */
public record DockerSaveManifest(List<Entry> entries) {
  private static final String WHAT = "docker save manifest";

  /**
   * One image of the archive.
   *
   * @param config path of the configuration within the archive
   * @param repoTags names the image had; may be empty
   * @param layers paths of the layer archives, lowest first
   */
  public record Entry(String config, List<String> repoTags, List<String> layers) {
    public Entry {
      checkPath(config);
      repoTags = List.copyOf(repoTags);
      layers = List.copyOf(layers);
      for (String layer : layers) {
        checkPath(layer);
      }
    }

    /** Paths stay within the archive: relative, without {@code ..}. */
    private static void checkPath(String path) {
      boolean bad = path.isEmpty() || path.charAt(0) == '/' || path.indexOf('\0') >= 0;
      int from = 0;
      while (!bad && from <= path.length()) {
        int slash = path.indexOf('/', from);
        int to = slash < 0 ? path.length() : slash;
        bad = path.substring(from, to).equals("..");
        from = to + 1;
      }
      if (bad) {
        throw new SchemaException("bad path in archive: " + Texts.quote(path));
      }
    }
  }

  public DockerSaveManifest {
    entries = List.copyOf(entries);
  }

  public static DockerSaveManifest parse(byte[] json) {
    return read(Json.parse(json, WHAT));
  }

  public static DockerSaveManifest read(JsonValue value) {
    if (!(value instanceof JsonArray array)) {
      throw SchemaException.at(
          WHAT + ": must be an array, not " + value.kind(), value.line(), value.column());
    }
    List<Entry> entries = new ArrayList<>();
    for (JsonObject json : array.objects()) {
      String config = json.string("Config");
      List<String> repoTags = json.strings("RepoTags");
      List<String> layers = json.strings("Layers");
      try {
        entries.add(new Entry(config, repoTags, layers));
      } catch (SchemaException e) {
        throw json.locate(e);
      }
    }
    return new DockerSaveManifest(entries);
  }

  public void write(JsonWriter json) {
    json.beginArray();
    for (Entry entry : entries) {
      json.beginObject().name("Config").value(entry.config());
      json.name("RepoTags").strings(entry.repoTags());
      json.name("Layers").strings(entry.layers()).endObject();
    }
    json.endArray();
  }

  public String toJson() {
    JsonWriter json = JsonWriter.compact();
    write(json);
    return json.toString();
  }
}
