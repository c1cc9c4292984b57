package dev.mapstorm.load.calibrate;

/**
 * A figure that was fitted.
 *
 * @param key such as {@code pte-write}
 * @param value in nanoseconds
 * @param low the least of the interval that it is in in 95 of 100 cases, not negative
 * @param high the most of it
 * @param from which measurements give it
 */
public record CalibratedFigure(String key, double value, double low, double high, String from) {}
