package dev.mapstorm.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClassShapeTest {
  private enum Forwards {
    ONE,
    TWO
  }

  private record Point(int x, int y) {}

  private static final class Other {
    private static int shared;
    private int x;
  }

  @Test
  void classesAndTheirOrderMakeTheNumber() {
    assertThat(ClassShape.of(List.of(Point.class, Forwards.class)))
        .isEqualTo(ClassShape.of(List.of(Point.class, Forwards.class)))
        .isNotEqualTo(ClassShape.of(List.of(Forwards.class, Point.class)))
        .isNotEqualTo(ClassShape.of(List.of(Point.class)));
  }

  /** The numbers of these classes as they are: another field, type or constant gives another. */
  @Test
  void fieldsAndConstantsInTheirOrderCount() {
    assertThat(ClassShape.of(List.of(Forwards.class))).isEqualTo(crc("$Forwards{ONE,TWO}"));
    assertThat(ClassShape.of(List.of(Point.class))).isEqualTo(crc("$Point{x:int;y:int}"));
    assertThat(ClassShape.of(List.of(Other.class))).isEqualTo(crc("$Other{x:int}"));
    assertThat(ClassShape.of(List.of(long[].class, String.class)))
        .isEqualTo(crcOf("[J{}java.lang.String{}"));
  }

  private static int crc(String text) {
    return crcOf(ClassShapeTest.class.getName() + text);
  }

  private static int crcOf(String text) {
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return (int) crc.getValue();
  }
}
