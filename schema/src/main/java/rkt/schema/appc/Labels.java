package rkt.schema.appc;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import rkt.schema.SchemaException;
import rkt.schema.json.JsonObject;
import rkt.schema.json.JsonWriter;

/** Labels with unique names, in the order given. */
public record Labels(List<Label> list) implements Iterable<Label> {
  public static final Labels EMPTY = new Labels(List.of());

  public Labels {
    list = List.copyOf(list);
    for (int i = 1; i < list.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (list.get(i).name().equals(list.get(j).name())) {
          throw Rules.duplicate("labels", list.get(i).name());
        }
      }
    }
  }

  public static Labels of(Label... labels) {
    return new Labels(List.of(labels));
  }

  public Optional<String> get(String name) {
    for (Label label : list) {
      if (label.name().equals(name)) {
        return Optional.of(label.value());
      }
    }
    return Optional.empty();
  }

  public boolean isEmpty() {
    return list.isEmpty();
  }

  /** These labels with one set: replaced in place, or added at the end. */
  public Labels with(String name, String value) {
    Label added = new Label(name, value);
    List<Label> out = new ArrayList<>(list.size() + 1);
    boolean replaced = false;
    for (Label label : list) {
      boolean same = label.name().equals(name);
      out.add(same ? added : label);
      replaced |= same;
    }
    if (!replaced) {
      out.add(added);
    }
    return new Labels(out);
  }

  /** Whether every one of {@code wanted} is here with the same value. */
  public boolean includes(Labels wanted) {
    for (Label label : wanted) {
      if (!list.contains(label)) {
        return false;
      }
    }
    return true;
  }

  /** The labels as the ancestor displays them: version, os, arch, then by name. */
  public List<Label> displayOrder() {
    List<Label> out = new ArrayList<>(list.size());
    for (Label label : list) { // insertion sort: there are never more than a few
      int at = out.size();
      while (at > 0 && compareForDisplay(label.name(), out.get(at - 1).name()) < 0) {
        at--;
      }
      out.add(at, label);
    }
    return List.copyOf(out);
  }

  /** Order of label names for display; the empty name comes last. */
  static int compareForDisplay(String a, String b) {
    int rankA = rank(a);
    int rankB = rank(b);
    return rankA != rankB ? Integer.compare(rankA, rankB) : a.compareTo(b);
  }

  private static int rank(String name) {
    if (name.equals(Label.VERSION)) {
      return 0;
    } else if (name.equals(Label.OS)) {
      return 1;
    } else if (name.equals(Label.ARCH)) {
      return 2;
    }
    return name.isEmpty() ? 4 : 3;
  }

  @Override
  public Iterator<Label> iterator() {
    return list.iterator();
  }

  static Labels read(JsonObject owner, String field) {
    List<JsonObject> items = owner.objects(field);
    List<Label> out = new ArrayList<>(items.size());
    for (JsonObject item : items) {
      String name = item.string("name");
      String value = item.string("value", "");
      try {
        out.add(new Label(name, value));
      } catch (SchemaException e) {
        throw item.locate(e);
      }
    }
    try {
      return new Labels(out);
    } catch (SchemaException e) {
      throw owner.locate(field, e);
    }
  }

  void write(JsonWriter json) {
    json.beginArray();
    for (Label label : list) {
      json.beginObject();
      json.name("name").value(label.name()).name("value").value(label.value());
      json.endObject();
    }
    json.endArray();
  }
}
