package dev.mapstorm.load.validate;

/**
 * A published figure beside the simulated one.
 *
 * @param of which figure of the row it is
 * @param use what it is for
 * @param published what was published
 * @param simulated what the simulation gives
 * @param ratio of the second to the first
 * @param inBand whether they are as near as the row's band says
 */
public record CellResult(
    String of, String use, double published, double simulated, double ratio, boolean inBand) {}
