package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.swiotlb.BounceBuffer;
import dev.mapstorm.actors.model.swiotlb.IoTlbPool;
import dev.mapstorm.actors.model.swiotlb.Swiotlb;
import dev.mapstorm.actors.model.swiotlb.SwiotlbDevice;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.protocol.BounceResult;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs recorded operations on bounce buffers on the model and compares every answer with that of
 * Linux: address, pool, slots, the copy made, the result, and what the search looked at.
 *
 * <p>A file that begins with <code>{</code> holds batches, see {@link SwiotlbBatchConformance}. Any
 * other has a {@linkplain SwiotlbSetting head}, a line with the columns of {@link
 * SwiotlbOperation}, and an operation a line. Plain or gzip.
 *
 * <p>After a mismatch the run continues with the model's own state, so later mismatches may follow
 * from the first.
 */
public final class SwiotlbConformance {
  /** Lines shown before a mismatch. */
  private static final int CONTEXT_LINES = 5;

  private static final String NO_COPY = "0,0,0";

  private final TextLines lines;
  private final SwiotlbSetting setting;
  private final Swiotlb swiotlb;

  /** What is mapped or allocated, by its number. */
  private final Map<Long, Held> held = new HashMap<>();

  private final Deque<String> before = new ArrayDeque<>();
  private final Mismatches mismatches = new Mismatches();

  /** A mapping, or coherent memory. */
  private record Held(BounceBuffer bounce, long address, boolean coherent) {}

  private SwiotlbConformance(TextLines lines) {
    this.lines = lines;
    setting = SwiotlbSetting.read(lines);
    swiotlb = setting.swiotlb();
    if (!lines.line().equals(SwiotlbOperation.COLUMNS)) {
      throw lines.error("the line after the devices is not " + SwiotlbOperation.COLUMNS);
    }
  }

  /**
   * Checks a file.
   *
   * @throws TextFormatException if it cannot be read, is no vector file, or holds no operation or a
   *     line that is not one
   */
  public static ConformanceResult check(Path file) {
    try (TextLines lines = TextLines.open(file)) {
      return check(lines);
    }
  }

  /** As {@link #check(Path)}, from lines that stay the caller's to close. */
  public static ConformanceResult check(TextLines lines) {
    if (!lines.advance()) {
      throw new TextFormatException(lines.name() + ": not a swiotlb vector file: it is empty");
    }
    return lines.line().startsWith("{")
        ? new SwiotlbBatchConformance(lines).run()
        : new SwiotlbConformance(lines).run();
  }

  private ConformanceResult run() {
    compareSetting();
    long operations = 0;
    while (lines.advance()) {
      SwiotlbOperation operation =
          SwiotlbOperation.read(lines, setting.cpus(), setting.devices().size());
      operations++;
      String got;
      try {
        got = answer(operation);
      } catch (IllegalArgumentException e) {
        throw lines.error(e.getMessage());
      }
      if (!got.equals(operation.answer())) {
        mismatch(lines.number(), describe(operation), operation.answer(), got);
      }
      remember(lines.line());
    }
    if (operations == 0) {
      throw new TextFormatException(lines.name() + ": holds no operation");
    }
    return mismatches.result(operations);
  }

  /** Compares what Linux made of the boot option, and the largest mapping of each device. */
  private void compareSetting() {
    String recorded = setting.recordedSlots() + "," + setting.recordedAreas();
    String made = setting.size().slots() + "," + setting.size().areas();
    if (!recorded.equals(made)) {
      mismatch(setting.poolLine(), "slots,areas of the pool", recorded, made);
    }
    for (int i = 0; i < setting.devices().size(); i++) {
      long most = setting.devices().get(i).maxMappingBytes();
      if (most != setting.maxMapping().get(i)) {
        mismatch(
            setting.deviceLines().get(i),
            "max_mapping",
            Long.toUnsignedString(setting.maxMapping().get(i)),
            Long.toString(most));
      }
    }
  }

  private void mismatch(long line, String what, String expected, String got) {
    mismatches.add(new Mismatch(line, what, expected, got, new ArrayList<>(before)));
  }

  private void remember(String line) {
    if (before.size() == CONTEXT_LINES) {
      before.removeFirst();
    }
    before.addLast(line);
  }

  private static String describe(SwiotlbOperation o) {
    return switch (o.op()) {
      case GROW -> "grow";
      case MAP, ALLOC ->
          "%s of %d bytes for device %d on cpu %d"
              .formatted(o.op().column(), o.size(), o.device(), o.cpu());
      default -> "%s of %d".formatted(o.op().column(), o.id());
    };
  }

  private String answer(SwiotlbOperation operation) {
    return switch (operation.op()) {
      case MAP -> map(operation);
      case ALLOC -> alloc(operation);
      case CPU, DEVICE -> sync(operation);
      case UNMAP, FREE -> giveBack(operation);
      case GROW -> grow(operation);
    };
  }

  private String map(SwiotlbOperation o) {
    refuseHeld(o);
    SwiotlbDevice device = setting.devices().get(o.device());
    BounceBuffer bounce = new BounceBuffer();
    BounceResult result =
        o.alignMask() > 0
            ? swiotlb.map(o.cpu(), device, o.phys(), o.size(), o.alignMask(), o.offer(), bounce)
            : swiotlb.mapDirect(o.cpu(), device, o.phys(), o.size(), o.offer(), bounce);
    String copy =
        result.tookSlots() || result == BounceResult.UNREACHABLE
            ? o.phys() + "," + bounce.address() + "," + o.size()
            : NO_COPY;
    if (result == BounceResult.DIRECT) {
      held.put(o.id(), new Held(null, o.phys(), false));
      return searched(o.phys() + ",-1,-1,0,0," + copy, result.label());
    }
    return searched(taken(o, result, bounce, false) + "," + copy, result.label());
  }

  private String alloc(SwiotlbOperation o) {
    refuseHeld(o);
    BounceBuffer memory = new BounceBuffer();
    BounceResult result =
        swiotlb.alloc(o.cpu(), setting.devices().get(o.device()), o.size(), o.offer(), memory);
    String place = taken(o, result, memory, true);
    return searched(
        place + "," + NO_COPY, result == BounceResult.BOUNCED ? "allocated" : result.label());
  }

  private void refuseHeld(SwiotlbOperation o) {
    if (held.containsKey(o.id())) {
      throw lines.error("id " + o.id() + " is mapped already");
    }
  }

  private String taken(
      SwiotlbOperation o, BounceResult result, BounceBuffer bounce, boolean coherent) {
    if (!result.tookSlots()) {
      return "0,-1,-1,0,0";
    }
    held.put(o.id(), new Held(bounce, bounce.address(), coherent));
    return "%d,%d,%d,%d,%d"
        .formatted(
            bounce.address(),
            bounce.pool().number(),
            bounce.slot(),
            bounce.slots(),
            bounce.padSlots());
  }

  private String searched(String front, String result) {
    return "%s,%s,%d,%d,%d"
        .formatted(
            front, result, swiotlb.used(), swiotlb.search().checked(), swiotlb.search().areas());
  }

  private String unsearched(String front, String result) {
    return front + "," + result + "," + swiotlb.used() + ",0,0";
  }

  private Held find(SwiotlbOperation o, boolean coherent) {
    Held mapping = held.get(o.id());
    if (mapping == null || mapping.coherent() != coherent) {
      throw lines.error(
          "id %d is not %s here".formatted(o.id(), coherent ? "allocated" : "mapped"));
    }
    return mapping;
  }

  private String sync(SwiotlbOperation o) {
    Held mapping = find(o, false);
    long address = mapping.address() + o.offset();
    if (mapping.bounce() == null) {
      return unsearched(address + ",-1,-1,0,0," + NO_COPY, "direct");
    }
    boolean forCpu = o.op() == SwiotlbOperation.Op.CPU;
    boolean copies =
        forCpu ? Swiotlb.copiesForCpu(o.direction()) : Swiotlb.copiesForDevice(o.direction());
    return unsearched(
        "%d,%d,%d,0,%d,%s"
            .formatted(
                address,
                mapping.bounce().pool().number(),
                mapping.bounce().slot(),
                mapping.bounce().padSlots(),
                copies ? copy(mapping.bounce(), o.offset(), o.size(), forCpu) : NO_COPY),
        copies ? "copied" : "quiet");
  }

  private static String copy(BounceBuffer bounce, long offset, long size, boolean back) {
    long slot = bounce.address() + offset;
    long buffer = bounce.phys() + offset;
    return (back ? slot + "," + buffer : buffer + "," + slot) + "," + bounce.copied(offset, size);
  }

  private String giveBack(SwiotlbOperation o) {
    boolean free = o.op() == SwiotlbOperation.Op.FREE;
    Held mapping = find(o, free);
    held.remove(o.id());
    BounceBuffer bounce = mapping.bounce();
    if (bounce == null) {
      return unsearched(mapping.address() + ",-1,-1,0,0," + NO_COPY, "direct");
    }
    boolean copies = !free && !o.skipSync() && Swiotlb.copiesForCpu(o.direction());
    String copy = copies ? copy(bounce, 0, o.size(), true) : NO_COPY;
    swiotlb.release(bounce);
    return unsearched(
        "%d,%d,%d,%d,%d,%s"
            .formatted(
                mapping.address(),
                bounce.pool().number(),
                bounce.slot(),
                bounce.slots(),
                bounce.padSlots(),
                copy),
        free ? "freed" : copies ? "copied" : "quiet");
  }

  private String grow(SwiotlbOperation o) {
    IoTlbPool pool = swiotlb.grow(o.size(), o.offer());
    return unsearched(
        pool == null
            ? "0,-1,-1,0,0," + NO_COPY
            : "%d,%d,-1,%d,%d,%s"
                .formatted(pool.start(), pool.number(), pool.slots(), pool.areas(), NO_COPY),
        pool == null ? "failed" : "grown");
  }
}
