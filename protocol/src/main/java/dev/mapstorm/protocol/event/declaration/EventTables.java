package dev.mapstorm.protocol.event.declaration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The tables of {@code docs/JOURNAL.md} that say what events there are, as Markdown. */
final class EventTables {
  private final List<DeclaredEvent> events;

  EventTables(List<DeclaredEvent> events) {
    this.events = events;
  }

  /** Each table by the name of its resource. */
  Map<String, String> all() {
    return Map.of("kinds.md", kinds(), "arguments.md", arguments());
  }

  private String kinds() {
    StringBuilder table =
        new StringBuilder(
            "| code | kind | class | columns | written when |\n|---|---|---|---|---|\n");
    for (DeclaredEvent event : events) {
      table.append(
          "| %d | `%s` | %s | `%s`%s | %s |\n"
              .formatted(
                  event.code(),
                  event.label(),
                  event.request() ? "request" : "outcome",
                  event.arguments().stream()
                      .map(DeclaredArgument::column)
                      .collect(Collectors.joining(" ")),
                  event.list() ? " and the list" : "",
                  decapitalised(event.when())));
    }
    return table.toString();
  }

  private static String decapitalised(String sentence) {
    boolean name = sentence.length() > 1 && Character.isUpperCase(sentence.charAt(1));
    return name ? sentence : Character.toLowerCase(sentence.charAt(0)) + sentence.substring(1);
  }

  /** One row for each argument and meaning, with the codes of the kinds that have it. */
  private String arguments() {
    Map<String, List<Integer>> kindsOf = new LinkedHashMap<>();
    Map<String, Boolean> common = new LinkedHashMap<>();
    for (DeclaredEvent event : events) {
      for (DeclaredArgument argument : event.arguments()) {
        String unit = Unit.valueOf(argument.unit()).label();
        String row = "`%s` | %%s | %s | %s".formatted(argument.name(), unit, argument.meaning());
        kindsOf.computeIfAbsent(row, key -> new ArrayList<>()).add(event.code());
        common.put(row, !argument.own());
      }
    }
    StringBuilder table =
        new StringBuilder("| argument | of kind | unit | meaning |\n|---|---|---|---|\n");
    kindsOf.forEach(
        (row, kinds) -> {
          String of = kinds.stream().map(String::valueOf).collect(Collectors.joining(", "));
          table.append("| ").append(row.replace("%s", common.get(row) ? "several" : of));
          table.append(" |\n");
        });
    return table.toString();
  }
}
