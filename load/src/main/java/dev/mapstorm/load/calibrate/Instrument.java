package dev.mapstorm.load.calibrate;

import java.util.List;

/** Finds what one tool printed, in files that may hold what others printed, too. */
interface Instrument {
  /** All of them but dma_map_benchmark and fio, which take several runs together. */
  List<Instrument> ALL =
      List.of(
          new FunctionGraph(), new LatencyHistogram(), new DmarPerfLatency(), new UnitCounters());

  /**
   * What is found in a file; empty if the tool printed nothing of it.
   *
   * @throws CalibrationException if what it printed is broken off, or shows nothing
   */
  List<Finding> read(MeasuredFile file);
}
