package dev.mapstorm.protocol.wire;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * Tells programs apart whose classes differ in what a graph of their objects holds. For bytes that
 * are stored but no part of the journal's format: they begin with the number, and a program whose
 * classes give another one does not read them.
 */
public final class ClassShape {
  private static final String OURS = "dev.mapstorm.";

  private ClassShape() {}

  /**
   * A number for some classes, in this order: the fields of each by name and type, and the
   * constants of each enum by ordinal. Of classes that are not mapstorm's only the names count.
   */
  public static int of(List<Class<?>> classes) {
    CRC32C crc = new CRC32C();
    for (Class<?> type : classes) {
      String text = "%s{%s}".formatted(type.getName(), isOurs(type) ? content(type) : "");
      crc.update(text.getBytes(StandardCharsets.UTF_8));
    }
    return (int) crc.getValue();
  }

  private static boolean isOurs(Class<?> type) {
    return type.getName().startsWith(OURS);
  }

  private static String content(Class<?> type) {
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(constant -> ((Enum<?>) constant).name())
          .collect(Collectors.joining(","));
    }
    return Arrays.stream(type.getDeclaredFields())
        .filter(field -> !Modifier.isStatic(field.getModifiers()))
        .sorted(Comparator.comparing(Field::getName))
        .map(field -> field.getName() + ":" + field.getType().getName())
        .collect(Collectors.joining(";"));
  }
}
