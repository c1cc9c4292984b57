package dev.mapstorm.load.validate;

import java.util.Locale;

/** What a published figure is for. */
public enum CellUse {
  /** Figures of a profile were chosen with it in view. */
  CALIBRATED,
  /** None was: it shows what the simulation is worth. */
  HELD_OUT,
  /** A control: what is compared must make no difference. */
  NEGATIVE;

  /** What tables and row files call it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
