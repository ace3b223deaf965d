package rkt.pod;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import rkt.schema.SchemaException;
import rkt.schema.json.Json;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;
import rkt.store.ImplicitDir;

/**
 * {@code appsinfo/<app>/layers}: which directories of the store an app's overlay stands on, so that
 * a prepared pod runs even after its image was removed from the index.
 */
record LayerFile(List<Path> lowerTopFirst, List<ImplicitDir> seeds) {

  byte[] toJson() {
    JsonWriter out = JsonWriter.compact().beginObject().name("lower").beginArray();
    for (Path lower : lowerTopFirst) {
      out.value(lower.toString());
    }
    out.endArray().name("seeds").beginArray();
    for (ImplicitDir seed : seeds) {
      out.beginObject().name("path").value(seed.path());
      out.name("mode")
          .value(seed.mode())
          .name("uid")
          .value(seed.uid())
          .name("gid")
          .value(seed.gid());
      out.name("mtime").value(seed.mtimeSec()).name("nsec").value(seed.mtimeNsec()).endObject();
    }
    return out.endArray().endObject().toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @throws SchemaException when it is not one
   */
  static LayerFile parse(byte[] json, String what) {
    JsonObject root = Json.parseObject(json, what);
    List<Path> lower = new ArrayList<>();
    for (String path : root.strings("lower")) {
      lower.add(Path.of(path));
    }
    List<ImplicitDir> seeds = new ArrayList<>();
    for (JsonObject seed : root.objects("seeds")) {
      seeds.add(
          new ImplicitDir(
              seed.string("path"),
              seed.int32("mode"),
              seed.int32("uid"),
              seed.int32("gid"),
              seed.integer("mtime"),
              seed.int32("nsec")));
    }
    return new LayerFile(lower, seeds);
  }
}
