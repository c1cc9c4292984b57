package dev.mapstorm.load.sensitivity;

import java.util.List;

/**
 * A figure of a run's report with what it may be, given what the platform's figures may be.
 *
 * @param of what it is of: {@code map call}, {@code unmap call}, {@code latency} or {@code
 *     requests}
 * @param unit {@code ns}, or {@code 1/s}
 * @param value with all figures as the platform has them
 * @param low the least that it may be, the errors of the figures being independent
 * @param high the most
 * @param hangsOn the figures that move it, that with the largest share first
 */
public record Headline(
    String of, String unit, double value, double low, double high, List<Influence> hangsOn) {}
