package dev.mapstorm.load.diff;

import dev.mapstorm.persistence.text.TextTable;
import dev.mapstorm.persistence.text.Units;
import java.util.List;

/** A {@link Divergence} for people and for JSON. */
public final class DivergenceText {
  private DivergenceText() {}

  /**
   * The common past and both continuations, as a table.
   *
   * @param left what to call the left stream
   * @param right what to call the right one
   */
  public static String of(Divergence divergence, String left, String right) {
    StringBuilder text = new StringBuilder(head(divergence, left, right)).append("\n\n");
    TextTable table = new TextTable("", ">event", ">t", "what", "arguments");
    rows(table, "both", divergence.past());
    continuation(table, left, divergence.left().events());
    continuation(table, right, divergence.right().events());
    return text.append(table).toString();
  }

  /** One line: where they part, and in what. */
  private static String head(Divergence divergence, String left, String right) {
    List<NumberedEvent> ours = divergence.left().events();
    List<NumberedEvent> theirs = divergence.right().events();
    if (ours.isEmpty() || theirs.isEmpty()) {
      String ended = ours.isEmpty() ? left : right;
      NumberedEvent next = ours.isEmpty() ? theirs.get(0) : ours.get(0);
      return "%s ends after event %d, at %s; %s continues"
          .formatted(
              ended,
              next.number() - 1,
              divergence.past().isEmpty()
                  ? "its beginning"
                  : Units.instant(divergence.past().get(divergence.past().size() - 1).event().t()),
              ours.isEmpty() ? right : left);
    }
    NumberedEvent first = ours.get(0);
    return "event %d, batch %d, at %s is the first that differs (%s)"
        .formatted(
            first.number(),
            divergence.left().batch(),
            Units.instant(first.event().t()),
            EventWording.difference(first.event(), theirs.get(0).event()));
  }

  private static void continuation(TextTable table, String name, List<NumberedEvent> events) {
    if (events.isEmpty()) {
      table.row(name, "", "", "ends here", "");
    }
    rows(table, name, events);
  }

  private static void rows(TextTable table, String name, List<NumberedEvent> events) {
    for (NumberedEvent each : events) {
      table.row(
          name,
          each.number(),
          Units.instant(each.event().t()),
          EventWording.kind(each.event()),
          EventWording.line(each.event()));
    }
  }

  /**
   * A divergence for JSON.
   *
   * @param differs what makes the first two events different; null where one stream ends
   */
  public record Json(
      String differs,
      List<EventJson> past,
      long leftBatch,
      List<EventJson> left,
      long rightBatch,
      List<EventJson> right) {}

  /** The divergence for JSON. */
  public static Json json(Divergence divergence) {
    List<NumberedEvent> left = divergence.left().events();
    List<NumberedEvent> right = divergence.right().events();
    return new Json(
        left.isEmpty() || right.isEmpty()
            ? null
            : EventWording.difference(left.get(0).event(), right.get(0).event()),
        json(divergence.past()),
        divergence.left().batch(),
        json(left),
        divergence.right().batch(),
        json(right));
  }

  private static List<EventJson> json(List<NumberedEvent> events) {
    return events.stream().map(EventJson::of).toList();
  }
}
