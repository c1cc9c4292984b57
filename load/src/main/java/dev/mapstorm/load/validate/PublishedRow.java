package dev.mapstorm.load.validate;

import java.util.List;

/**
 * A published result.
 *
 * @param id such as {@code V24}
 * @param title what was measured on what
 * @param source where it is published
 * @param setup what of it is simulated
 * @param scenario name of the scenario of its experiments
 * @param unit of its figures
 * @param band how far off the simulation may be, in per cent
 * @param slack how far off it may be in the row's unit, for what the source rounds
 * @param why reason of the band
 * @param ifMissed what is known of a miss; null if nothing is
 * @param cells its figures, empty if it is not simulated
 * @param use what it is for, if it is not simulated
 * @param notSimulated why it is not; null if it is
 */
public record PublishedRow(
    String id,
    String title,
    String source,
    String setup,
    String scenario,
    String unit,
    double band,
    double slack,
    String why,
    String ifMissed,
    List<PublishedCell> cells,
    CellUse use,
    String notSimulated) {}
