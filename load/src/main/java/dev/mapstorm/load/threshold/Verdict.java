package dev.mapstorm.load.threshold;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mapstorm.persistence.analysis.FigureUnit;

/**
 * Whether one figure keeps a threshold.
 *
 * @param threshold as it was written
 * @param of the run or variant, where there are several; empty where there is one
 * @param figure that it names; null if there is none of that name
 * @param unit of the value; null without a figure
 * @param value in the base unit; a change in percent or points where the limit is one; null if it
 *     was not measured
 * @param met whether it keeps the threshold; what was not measured does not
 * @param why it could not be held against the limit; null if it could
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Verdict(
    String threshold,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) String of,
    String figure,
    FigureUnit unit,
    Double value,
    boolean met,
    String why) {
  /** The value for a terminal, or why there is none. */
  String shown() {
    return why != null ? why : unit.text(value);
  }
}
