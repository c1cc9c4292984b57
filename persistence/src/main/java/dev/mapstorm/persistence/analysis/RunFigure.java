package dev.mapstorm.persistence.analysis;

/**
 * One figure of one run that can be compared with that of another.
 *
 * @param name the same in every run
 * @param unit of the value
 * @param value NaN is not allowed; a figure that a run does not have is left out
 * @param weight how much a change of it matters, 0 to 1
 */
public record RunFigure(String name, FigureUnit unit, double value, double weight) {}
