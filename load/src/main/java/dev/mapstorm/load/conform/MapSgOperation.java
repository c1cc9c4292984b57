package dev.mapstorm.load.conform;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;

/**
 * One recorded {@code dma_map_sg}: what was asked, and what Linux answered. Lengths and addresses
 * in bytes.
 *
 * @param segPhys physical address of each segment
 * @param segLength bytes of each segment, unsigned
 * @param segBoundaryMask {@code dma_get_seg_boundary} of the device
 * @param maxSegSize {@code dma_get_max_seg_size} of the device
 * @param pgsizeBitmap page sizes of the domain
 * @param iova the range that was allocated
 * @param iovaLength the length that was asked for
 * @param dmaVectors address and length of each vector
 * @param mapped I/O virtual address, physical address, page size and count of each run of pages
 */
record MapSgOperation(
    long[] segPhys,
    int[] segLength,
    long segBoundaryMask,
    long maxSegSize,
    long pgsizeBitmap,
    long iova,
    long iovaLength,
    long[][] dmaVectors,
    long[][] mapped) {

  /**
   * Reads the current line.
   *
   * @throws TextFormatException if it is not such an operation
   */
  static MapSgOperation read(TextLines lines) {
    JsonNode node = JsonLine.parse(lines);
    long[][] segments = rows(lines, node, "segments", 2);
    long[] phys = new long[segments.length];
    int[] length = new int[segments.length];
    for (int i = 0; i < segments.length; i++) {
      phys[i] = segments[i][0];
      if (segments[i][1] >>> 32 != 0) {
        throw lines.error(
            "segments[" + i + "] is " + segments[i][1] + " bytes long, more than 32 bits hold");
      }
      length[i] = (int) segments[i][1];
    }
    return new MapSgOperation(
        phys,
        length,
        number(lines, node.get("segBoundaryMask"), "segBoundaryMask"),
        number(lines, node.get("maxSegSize"), "maxSegSize"),
        number(lines, node.get("pgsizeBitmap"), "pgsizeBitmap"),
        number(lines, node.get("iova"), "iova"),
        number(lines, node.get("iovaLength"), "iovaLength"),
        rows(lines, node, "dmaVectors", 2),
        rows(lines, node, "mapped", 4));
  }

  private static long[][] rows(TextLines lines, JsonNode node, String field, int columns) {
    JsonNode list = node.get(field);
    if (list == null || !list.isArray()) {
      throw lines.error("'" + field + "' is not a list");
    }
    long[][] rows = new long[list.size()][columns];
    for (int i = 0; i < rows.length; i++) {
      JsonNode row = list.get(i);
      if (!row.isArray() || row.size() != columns) {
        throw lines.error(field + "[" + i + "] is not a list of " + columns + " numbers");
      }
      for (int j = 0; j < columns; j++) {
        rows[i][j] = number(lines, row.get(j), field + "[" + i + "][" + j + "]");
      }
    }
    return rows;
  }

  private static long number(TextLines lines, JsonNode value, String name) {
    if (value == null) {
      throw lines.error("'" + name + "' is missing");
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
      throw lines.error(
          "'"
              + name
              + "' is not a whole number from 0 to 2^63-1: "
              + TextLines.excerpt(value.toString()));
    }
    return value.longValue();
  }
}
