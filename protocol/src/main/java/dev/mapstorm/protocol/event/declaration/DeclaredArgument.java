package dev.mapstorm.protocol.event.declaration;

/**
 * A parameter of a declared event.
 *
 * @param name its name
 * @param type {@code int} or {@code long}
 * @param mode how its column is coded: a constant of {@code Column.Mode}
 * @param key the argument that the coding refers to, by name; empty if it refers to none
 * @param unit constant of {@link Unit}
 * @param codes full name of the enum whose ordinal it is; empty if it is a number
 * @param meaning what it means, in Markdown
 * @param own whether the event says the meaning itself, and not all events with the argument
 */
record DeclaredArgument(
    String name,
    String type,
    String mode,
    String key,
    String unit,
    String codes,
    String meaning,
    boolean own) {

  boolean isLong() {
    return type.equals("long");
  }

  /** As the documentation writes the column. */
  String column() {
    return switch (mode) {
      case "PLAIN" -> name;
      case "DELTA" -> name + "~" + key;
      case "RELATIVE" -> name + "-" + key;
      case "PER_CALL" -> name + "@" + key;
      case "LISTED" -> name + "!";
      default -> throw new IllegalStateException(mode);
    };
  }
}
