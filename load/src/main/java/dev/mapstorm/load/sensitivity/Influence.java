package dev.mapstorm.load.sensitivity;

/**
 * What a headline owes to one figure of the platform.
 *
 * @param key of the figure, such as {@code costs.walk-read}
 * @param basis what it rests on: measured, derived or assumed
 * @param amount the figure in its range, such as {@code 197 ns (177 to 293)}
 * @param atLow the headline with the figure at its least
 * @param atHigh the headline with the figure at its most
 * @param share of the width of the headline's range, 0 to 1: squares of what the figure moves it,
 *     of those of all figures
 */
public record Influence(
    String key, String basis, String amount, double atLow, double atHigh, double share) {}
