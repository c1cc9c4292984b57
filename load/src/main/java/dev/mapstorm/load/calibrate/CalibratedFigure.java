package dev.mapstorm.load.calibrate;

/**
 * A figure that was fitted.
 *
 * @param key such as {@code pte-write}
 * @param value in nanoseconds
 * @param low two standard errors below it, not negative
 * @param high two standard errors above it
 * @param from which measurements give it
 */
public record CalibratedFigure(String key, double value, double low, double high, String from) {}
