package dev.mapstorm.load.compare;

/**
 * One figure of one run.
 *
 * @param name the same in every run
 * @param unit of the value
 * @param value NaN is not allowed; a figure that a run does not have is left out
 * @param weight how much a change of it matters, 0 to 1; see {@link Comparison}
 */
public record Figure(String name, Unit unit, double value, double weight) {}
