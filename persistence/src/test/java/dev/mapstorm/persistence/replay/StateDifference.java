package dev.mapstorm.persistence.replay;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;

/** In which fields two states differ, as lines to read. */
final class StateDifference {
  private static final int LINES = 12;

  private final List<String> lines = new ArrayList<>();

  private StateDifference() {}

  /** Lines such as {@code domains[1].ranges[3].state: models CLEARED, events QUEUED}. */
  static List<String> between(Object models, Object events) {
    StateDifference difference = new StateDifference();
    difference.compare("", models, events);
    return difference.lines;
  }

  private void compare(String path, Object models, Object events) {
    if (models.equals(events) || lines.size() >= LINES) {
      return;
    }
    if (models instanceof List<?> a && events instanceof List<?> b) {
      for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
        compare(path + "[" + i + "]", a.get(i), b.get(i));
      }
      for (int i = b.size(); i < a.size(); i++) {
        lines.add(path + "[" + i + "]: only in the models: " + a.get(i));
      }
      for (int i = a.size(); i < b.size(); i++) {
        lines.add(path + "[" + i + "]: only in the events: " + b.get(i));
      }
    } else if (models instanceof Record && models.getClass() == events.getClass()) {
      for (RecordComponent field : models.getClass().getRecordComponents()) {
        String name = path.isEmpty() ? field.getName() : path + "." + field.getName();
        compare(name, value(field, models), value(field, events));
      }
    } else {
      lines.add("%s: models %s, events %s".formatted(path, models, events));
    }
  }

  private static Object value(RecordComponent field, Object owner) {
    try {
      return field.getAccessor().invoke(owner);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("field " + field + " of " + owner, e);
    }
  }
}
