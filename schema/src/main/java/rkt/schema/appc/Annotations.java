package rkt.schema.appc;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/** Annotations with unique names, in the order given. */
public record Annotations(List<Annotation> list) implements Iterable<Annotation> {
  public static final Annotations EMPTY = new Annotations(List.of());

  public Annotations {
    list = List.copyOf(list);
    for (int i = 1; i < list.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (list.get(i).name().equals(list.get(j).name())) {
          throw Rules.duplicate("annotations", list.get(i).name());
        }
      }
    }
  }

  public static Annotations of(Annotation... annotations) {
    return new Annotations(List.of(annotations));
  }

  public Optional<String> get(String name) {
    for (Annotation annotation : list) {
      if (annotation.name().equals(name)) {
        return Optional.of(annotation.value());
      }
    }
    return Optional.empty();
  }

  public boolean isEmpty() {
    return list.isEmpty();
  }

  /** These annotations with one set: replaced in place, or added at the end. */
  public Annotations with(String name, String value) {
    Annotation added = new Annotation(name, value);
    List<Annotation> out = new ArrayList<>(list.size() + 1);
    boolean replaced = false;
    for (Annotation annotation : list) {
      boolean same = annotation.name().equals(name);
      out.add(same ? added : annotation);
      replaced |= same;
    }
    if (!replaced) {
      out.add(added);
    }
    return new Annotations(out);
  }

  /** These annotations and those of {@code more} whose names are not here yet. */
  public Annotations withAbsent(Annotations more) {
    Annotations out = this;
    for (Annotation annotation : more) {
      if (out.get(annotation.name()).isEmpty()) {
        out = out.with(annotation.name(), annotation.value());
      }
    }
    return out;
  }

  @Override
  public Iterator<Annotation> iterator() {
    return list.iterator();
  }

  static Annotations read(JsonObject owner, String field) {
    List<JsonObject> items = owner.objects(field);
    List<Annotation> out = new ArrayList<>(items.size());
    for (JsonObject item : items) {
      String name = item.string("name");
      String value = item.string("value", "");
      try {
        out.add(new Annotation(name, value));
      } catch (SchemaException e) {
        throw item.locate(e);
      }
    }
    try {
      return new Annotations(out);
    } catch (SchemaException e) {
      throw owner.locate(field, e);
    }
  }

  void write(JsonWriter json) {
    json.beginArray();
    for (Annotation annotation : list) {
      json.beginObject();
      json.name("name").value(annotation.name()).name("value").value(annotation.value());
      json.endObject();
    }
    json.endArray();
  }
}
