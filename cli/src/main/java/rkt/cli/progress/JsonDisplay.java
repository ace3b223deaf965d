package rkt.cli.progress;

import java.util.List;
import java.util.function.Consumer;
import rkt.cli.render.PlainText;
import rkt.schema.json.JsonWriter;

/** One JSON object per event and line. */
final class JsonDisplay implements Display {
  private static final int PERIOD = 500;

  private final Consumer<String> lines;

  JsonDisplay(Consumer<String> lines) {
    this.lines = lines;
  }

  @Override
  public int periodMillis() {
    return PERIOD;
  }

  @Override
  public void began(Snapshot task) {
    write(event("start", task));
  }

  @Override
  public void tick(List<Snapshot> active) {
    for (Snapshot task : active) {
      JsonWriter json = event("progress", task);
      json.name("rate").value(task.rate());
      if (task.secondsLeft() >= 0) {
        json.name("secondsLeft").value(task.secondsLeft());
      }
      write(json);
    }
  }

  @Override
  public void ended(Snapshot task, String outcome, List<Snapshot> left) {
    JsonWriter json = event("end", task);
    json.name("rate").value(task.average());
    json.name("outcome").value(outcome);
    json.name("milliseconds").value(task.elapsedMillis());
    write(json);
  }

  private void write(JsonWriter json) {
    lines.accept(PlainText.json(json.endObject().toString()));
  }

  private static JsonWriter event(String name, Snapshot task) {
    JsonWriter json = JsonWriter.compact();
    json.beginObject();
    json.name("event").value(name);
    json.name("id").value(task.id());
    json.name("what").value(task.what());
    json.name("done").value(task.done());
    json.name("total");
    if (task.total() < 0) {
      json.nullValue();
    } else {
      json.value(task.total());
    }
    return json;
  }
}
