package dev.mapstorm.protocol.event;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of one host's stream in a journal, the persistence id of its entity: {@code run|host}.
 *
 * @param run names the run; not empty, without {@code |}
 * @param host the host's number in the run, not negative
 */
public record StreamId(String run, int host) {
  private static final char SEPARATOR = '|';
  private static final Pattern TEXT = Pattern.compile("([^|]+)\\|(0|[1-9][0-9]{0,8})");

  /** Refuses names that could not be told apart again. */
  public StreamId {
    if (run.isEmpty() || run.indexOf(SEPARATOR) >= 0) {
      throw new IllegalArgumentException(
          "run id '%s': it must not be empty or contain '%c'".formatted(run, SEPARATOR));
    }
    if (host < 0) {
      throw new IllegalArgumentException("host %d: hosts count from 0".formatted(host));
    }
  }

  /**
   * The id whose {@link #text} is given.
   *
   * @throws IllegalArgumentException if it is no such text
   */
  public static StreamId parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not the stream of a host: that is a run id, '%c' and the host's number"
              .formatted(text, SEPARATOR));
    }
    return new StreamId(matcher.group(1), Integer.parseInt(matcher.group(2)));
  }

  /** The persistence id. */
  public String text() {
    return run + SEPARATOR + host;
  }
}
