package dev.mapstorm.load.diff;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/**
 * The place where two streams of events part. As JSON it is what {@link DivergenceText#json} makes
 * of it.
 *
 * @param past the last events that both have, as the left stream numbers them
 * @param left how the left one goes on
 * @param right how the right one goes on
 */
public record Divergence(List<NumberedEvent> past, Continuation left, Continuation right) {
  /**
   * How a stream goes on.
   *
   * @param batch that holds its next event, or that would
   * @param events the first that differs and some behind it; empty if the stream ends here
   */
  public record Continuation(long batch, List<NumberedEvent> events) {}

  @JsonValue
  DivergenceText.Json json() {
    return DivergenceText.json(this);
  }
}
