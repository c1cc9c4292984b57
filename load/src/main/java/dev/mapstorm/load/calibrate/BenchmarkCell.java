package dev.mapstorm.load.calibrate;

import dev.mapstorm.protocol.IommuMode;

/**
 * One run of dma_map_benchmark.
 *
 * @param mode of the device's domain
 * @param threads that mapped and unmapped
 * @param pages of a mapping
 * @param mapUs mean time of a map, in microseconds
 * @param unmapUs mean time of an unmap, in microseconds
 * @param line of its heading in the file
 */
public record BenchmarkCell(
    IommuMode mode, int threads, int pages, double mapUs, double unmapUs, int line) {

  /** Such as {@code strict, 10 threads, 8 pages}. */
  String label() {
    return "%s, %d threads, %d pages".formatted(mode.label(), threads, pages);
  }
}
