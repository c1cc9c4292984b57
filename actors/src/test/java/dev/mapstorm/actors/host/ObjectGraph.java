package dev.mapstorm.actors.host;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts the bytes of objects as HotSpot lays them out with compressed references: a header of 12
 * bytes (16 for an array), fields without gaps, all rounded up to 8. The same objects always count
 * the same, whatever the heap and its collector do. Of the collections of the JDK, whose fields
 * cannot be seen, the room for their present content counts.
 */
public final class ObjectGraph {
  private static final int HEADER = 12;
  private static final int ARRAY_HEADER = 16;
  private static final int REFERENCE = 4;

  /** Of a hash or tree map: itself, and an entry with its place in a table. */
  private static final int MAP = 64;

  private static final int MAP_ENTRY = 48;

  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<Object> left = new ArrayDeque<>();
  private final Map<Class<?>, Long> bytes = new HashMap<>();
  private final List<String> without;

  private ObjectGraph(List<String> without) {
    this.without = without;
  }

  /**
   * Bytes of everything that can be reached from {@code root}.
   *
   * @param without beginnings of the names of classes whose objects, and what only they lead to, do
   *     not count
   */
  public static long bytes(Object root, String... without) {
    return byClass(root, without).values().stream().mapToLong(Long::longValue).sum();
  }

  /** The same for each class. */
  public static Map<Class<?>, Long> byClass(Object root, String... without) {
    ObjectGraph graph = new ObjectGraph(List.of(without));
    graph.meet(root);
    while (!graph.left.isEmpty()) {
      graph.count(graph.left.remove());
    }
    return graph.bytes;
  }

  private void meet(Object object) {
    if (object == null || object instanceof Enum<?> || object instanceof Class<?>) {
      return;
    }
    String name = object.getClass().getName();
    if (without.stream().noneMatch(name::startsWith) && seen.add(object)) {
      left.add(object);
    }
  }

  private void count(Object object) {
    Class<?> type = object.getClass();
    long size;
    if (type.isArray()) {
      size = ARRAY_HEADER + (long) Array.getLength(object) * width(type.getComponentType());
      if (object instanceof Object[] elements) {
        for (Object each : elements) {
          meet(each);
        }
      }
    } else if (object instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> {
            meet(key);
            meet(value);
          });
      size = MAP + (long) map.size() * MAP_ENTRY;
    } else if (object instanceof Collection<?> all && type.getName().startsWith("java.")) {
      all.forEach(this::meet);
      size = 24 + ARRAY_HEADER + (long) all.size() * REFERENCE;
    } else if (object instanceof Number && type.getName().startsWith("java.lang.")) {
      size = HEADER + Long.BYTES;
    } else if (type.getName().startsWith("java.")) {
      throw new IllegalArgumentException("a " + type.getName() + " cannot be counted");
    } else {
      size = HEADER + fields(object, type);
    }
    bytes.merge(type, (size + 7) / 8 * 8, Long::sum);
  }

  private long fields(Object object, Class<?> type) {
    long sum = 0;
    for (Class<?> each = type; each != Object.class; each = each.getSuperclass()) {
      for (Field field : each.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          sum += width(field.getType());
          if (!field.getType().isPrimitive()) {
            meet(value(object, field));
          }
        }
      }
    }
    return sum;
  }

  private static Object value(Object object, Field field) {
    try {
      field.setAccessible(true);
      return field.get(object);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int width(Class<?> type) {
    if (!type.isPrimitive()) {
      return REFERENCE;
    } else if (type == long.class || type == double.class) {
      return Long.BYTES;
    } else if (type == int.class || type == float.class) {
      return Integer.BYTES;
    }
    return type == short.class || type == char.class ? Short.BYTES : 1;
  }
}
