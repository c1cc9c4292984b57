package dev.mapstorm.load.conform;

import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.protocol.Direction;
import java.util.Locale;

/**
 * One recorded operation on bounce buffers with the answer of Linux: a line of CSV.
 *
 * @param op which operation
 * @param cpu that executed it
 * @param device number of the device
 * @param id number of the mapping
 * @param phys physical address of the buffer of a map
 * @param size bytes; of {@link Op#GROW} the largest block that the page allocator has
 * @param offset of a sync, from the mapping's address
 * @param direction of the mapping
 * @param skipSync whether copying back was declined
 * @param alignMask {@code alloc_align_mask}
 * @param offer what the page allocator gives if it is asked; 0: nothing
 * @param answer the columns of Linux's answer as they stand
 */
record SwiotlbOperation(
    Op op,
    int cpu,
    int device,
    long id,
    long phys,
    long size,
    long offset,
    Direction direction,
    boolean skipSync,
    long alignMask,
    long offer,
    String answer) {

  /** The columns of a file. */
  static final String COLUMNS =
      "op,cpu,device,id,phys,size,offset,direction,skip,align,offer,address,pool,slot,slots,pad,"
          + "from,to,bytes,result,used,checked,areas";

  private static final int COLUMN_COUNT = COLUMNS.split(",").length;
  private static final int ASKED = 11;
  private static final long MAX_BYTES = 1L << 32;
  private static final long MAX_ADDRESS = 1L << 52;

  /** The operations that are recorded. */
  enum Op {
    MAP,
    CPU,
    DEVICE,
    UNMAP,
    ALLOC,
    FREE,
    GROW;

    String column() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Reads the current line. */
  static SwiotlbOperation read(TextLines lines, int cpus, int devices) {
    String[] field = lines.line().split(",", -1);
    if (field.length != COLUMN_COUNT) {
      throw lines.error(
          "%d columns instead of %d: %s"
              .formatted(field.length, COLUMN_COUNT, TextLines.excerpt(lines.line())));
    }
    Op op = op(lines, field[0]);
    return new SwiotlbOperation(
        op,
        (int) number(lines, "cpu", field[1], 0, cpus - 1L),
        (int) number(lines, "device", field[2], 0, devices - 1L),
        number(lines, "id", field[3], 0, Long.MAX_VALUE),
        number(lines, "phys", field[4], 0, MAX_ADDRESS),
        number(lines, "size", field[5], op == Op.GROW ? 0 : 1, MAX_BYTES),
        number(lines, "offset", field[6], 0, MAX_BYTES),
        Direction.of((int) number(lines, "direction", field[7], 0, 2)),
        number(lines, "skip", field[8], 0, 1) == 1,
        align(lines, field[9]),
        offer(lines, field[10]),
        lines.line().substring(lengthOfAsked(lines.line())));
  }

  private static int lengthOfAsked(String line) {
    int at = -1;
    for (int i = 0; i < ASKED; i++) {
      at = line.indexOf(',', at + 1);
    }
    return at + 1;
  }

  private static Op op(TextLines lines, String field) {
    for (Op op : Op.values()) {
      if (op.column().equals(field)) {
        return op;
      }
    }
    throw lines.error(
        "op is " + TextLines.excerpt(field) + ", not map, cpu, device, unmap, alloc, free or grow");
  }

  private static long align(TextLines lines, String field) {
    long mask = number(lines, "align", field, 0, Integer.MAX_VALUE);
    if ((mask & mask + 1) != 0) {
      throw lines.error("align must be one less than a power of two, is " + mask);
    }
    return mask;
  }

  private static long offer(TextLines lines, String field) {
    long offer = number(lines, "offer", field, 0, MAX_ADDRESS);
    if (offer % 4096 != 0) {
      throw lines.error("offer must be a multiple of 4096, is " + offer);
    }
    return offer;
  }

  /** A number of a line, up to 64 unsigned bits. */
  static long unsigned(TextLines lines, String name, String field) {
    try {
      if (!field.startsWith("+")) {
        return Long.parseUnsignedLong(field);
      }
    } catch (NumberFormatException e) {
      // The error below says it.
    }
    throw lines.error(
        name + " must be a whole number from 0 to 2^64-1, is " + TextLines.excerpt(field));
  }

  private static long number(TextLines lines, String name, String field, long min, long max) {
    long value = unsigned(lines, name, field);
    if (value < min || value > max) {
      throw lines.error(
          "%s must be %d to %d, is %s".formatted(name, min, max, Long.toUnsignedString(value)));
    }
    return value;
  }
}
