package dev.mapstorm.load.validate;

import java.util.List;

/**
 * A published result beside the simulation.
 *
 * @param row the result
 * @param cells its figures, in its order; empty if it is not simulated
 */
public record RowResult(PublishedRow row, List<CellResult> cells) {

  /** Whether the row has figures of this use. */
  public boolean has(CellUse use) {
    return cells.stream().anyMatch(cell -> cell.use().equals(use.label()));
  }

  /** Whether all its figures of this use are in the band. */
  public boolean inBand(CellUse use) {
    return cells.stream()
        .filter(cell -> cell.use().equals(use.label()))
        .allMatch(CellResult::inBand);
  }
}
