package dev.mapstorm.load.step;

import dev.mapstorm.load.diff.EventJson;
import java.util.List;

/**
 * What a command answers.
 *
 * @param command as it was given
 * @param text for people; lines that each end with a line break
 * @param result the same for JSON
 * @param ends whether it was the last one wanted
 */
public record StepAnswer(String command, String text, Object result, boolean ends) {

  /**
   * Where a search went.
   *
   * @param found how many of the events that were looked for
   * @param events the last of them, in the order in which they were passed
   */
  public record Moved(long found, List<EventJson> events) {}

  /**
   * A place in a host's events.
   *
   * @param at the event at hand; null before the first
   * @param batch that holds it; -1 before the first
   * @param events of the host
   * @param batches of the host
   */
  public record Place(EventJson at, long batch, long events, long batches) {}

  /** Watched addresses, in hexadecimal. */
  public record Watches(List<String> addresses) {}

  /** How the commands are used. */
  public record Usage(List<String> commands) {}
}
