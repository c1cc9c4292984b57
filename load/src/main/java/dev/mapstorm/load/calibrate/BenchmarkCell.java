package dev.mapstorm.load.calibrate;

import dev.mapstorm.load.validate.BenchmarkMode;

/**
 * One run of dma_map_benchmark.
 *
 * @param mode of the device's domain
 * @param threads that mapped and unmapped
 * @param pages of a mapping
 * @param mapUs mean time of a map, in microseconds
 * @param unmapUs mean time of an unmap, in microseconds
 * @param at file and line of its heading, such as {@code dmb.txt line 12}
 */
public record BenchmarkCell(
    BenchmarkMode mode, int threads, int pages, double mapUs, double unmapUs, String at) {

  /** Such as {@code strict, 10 threads, 8 pages}. */
  String label() {
    return "%s, %d threads, %d pages".formatted(mode.label(), threads, pages);
  }
}
