package dev.mapstorm.load.conform;

import dev.mapstorm.actors.model.swiotlb.PoolSize;
import dev.mapstorm.actors.model.swiotlb.Swiotlb;
import dev.mapstorm.actors.model.swiotlb.SwiotlbDevice;
import dev.mapstorm.load.text.TextFormatException;
import dev.mapstorm.load.text.TextLines;
import dev.mapstorm.protocol.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The head of a file of recorded bounces: the pool, and the devices.
 *
 * <pre>
 * # linux swiotlb vectors: profile=page seed=1
 * # pool start=N ask_slots=N ask_areas=N bytes=N cpus=N restricted=0|1 force=0|1 dynamic=0|1 slots=N areas=N
 * # device 0 min_align_mask=N seg_boundary_mask=N dma_mask=N max_mapping=N
 * </pre>
 *
 * @param swiotlb free bounce buffers
 * @param cpus CPUs of the machine
 * @param devices by number
 * @param poolLine line of the pool
 * @param recordedSlots slots that Linux made of it
 * @param recordedAreas areas that Linux made of it
 * @param size what the model made of it
 * @param deviceLines line of each device
 * @param maxMapping what Linux said the largest mapping of each device is
 */
record SwiotlbSetting(
    Swiotlb swiotlb,
    int cpus,
    List<SwiotlbDevice> devices,
    long poolLine,
    long recordedSlots,
    long recordedAreas,
    PoolSize size,
    List<Long> deviceLines,
    List<Long> maxMapping) {

  private static final String FIRST = "# linux swiotlb vectors:";
  private static final String POOL = "# pool ";
  private static final String DEVICE = "# device ";
  private static final long MAX_ADDRESS = 1L << 52;

  /** Reads the head; the current line is the first, and after this that of the columns. */
  static SwiotlbSetting read(TextLines lines) {
    if (!lines.line().startsWith(FIRST)) {
      throw lines.error("not a swiotlb vector file: the first line does not begin with " + FIRST);
    }
    next(lines);
    if (!lines.line().startsWith(POOL)) {
      throw lines.error("the second line is not " + POOL + "…");
    }
    long poolLine = lines.number();
    Words pool =
        new Words(
            lines,
            POOL.length(),
            "start ask_slots ask_areas bytes cpus restricted force dynamic slots areas");
    boolean restricted = pool.flag("restricted");
    int cpus = (int) pool.number("cpus", 1, Limits.CPUS);
    long start = pool.number("start", 1, MAX_ADDRESS);
    Swiotlb swiotlb;
    PoolSize size;
    try {
      size =
          restricted
              ? PoolSize.restricted(pool.number("bytes", 0, MAX_ADDRESS))
              : PoolSize.atBoot(
                  (int) pool.number("ask_slots", 0, PoolSize.MAX_SLOTS),
                  (int) pool.number("ask_areas", 0, Limits.CPUS),
                  cpus);
      swiotlb =
          new Swiotlb(
              start,
              size,
              restricted | pool.flag("force"),
              pool.flag("dynamic"),
              pool.flag("dynamic") && !restricted);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw lines.error(e.getMessage());
    }
    long slots = pool.number("slots", 1, PoolSize.MAX_SLOTS);
    long areas = pool.number("areas", 1, PoolSize.MAX_SLOTS);
    List<SwiotlbDevice> devices = new ArrayList<>();
    List<Long> deviceLines = new ArrayList<>();
    List<Long> maxMapping = new ArrayList<>();
    for (next(lines); lines.line().startsWith("#"); next(lines)) {
      String prefix = DEVICE + devices.size() + " ";
      if (!lines.line().startsWith(prefix)) {
        throw lines.error("not " + prefix + "…: " + TextLines.excerpt(lines.line()));
      }
      Words device =
          new Words(
              lines, prefix.length(), "min_align_mask seg_boundary_mask dma_mask max_mapping");
      devices.add(
          device(
              lines,
              device.unsigned("min_align_mask"),
              device.unsigned("seg_boundary_mask"),
              device.unsigned("dma_mask")));
      deviceLines.add(lines.number());
      maxMapping.add(device.unsigned("max_mapping"));
    }
    if (devices.isEmpty()) {
      throw lines.error("no " + DEVICE + "0 … before the columns");
    }
    return new SwiotlbSetting(
        swiotlb, cpus, devices, poolLine, slots, areas, size, deviceLines, maxMapping);
  }

  private static void next(TextLines lines) {
    if (!lines.advance()) {
      throw new TextFormatException(
          lines.name() + ": ends after line " + lines.number() + ", before the columns");
    }
  }

  /** A device of a file, where 0 is a segment boundary that was never set. */
  static SwiotlbDevice device(
      TextLines lines, long minAlignMask, long segBoundaryMask, long dmaMask) {
    try {
      return new SwiotlbDevice(
          minAlignMask,
          segBoundaryMask == 0 ? SwiotlbDevice.NO_BOUNDARY : segBoundaryMask,
          dmaMask);
    } catch (IllegalArgumentException e) {
      throw lines.error(e.getMessage());
    }
  }

  /** The words {@code key=value} of a line. */
  private static final class Words {
    private final TextLines lines;
    private final Map<String, String> values = new TreeMap<>();

    Words(TextLines lines, int from, String keys) {
      this.lines = lines;
      List<String> known = List.of(keys.split(" "));
      for (String word : lines.line().substring(from).split(" ")) {
        int equals = word.indexOf('=');
        String key = equals < 0 ? word : word.substring(0, equals);
        if (equals < 0 || !known.contains(key)) {
          throw lines.error(
              "unknown key "
                  + TextLines.excerpt(key)
                  + "; known here: "
                  + String.join(", ", known));
        }
        if (values.put(key, word.substring(equals + 1)) != null) {
          throw lines.error(key + " is there twice");
        }
      }
    }

    long unsigned(String key) {
      String value = values.get(key);
      if (value == null) {
        throw lines.error(key + "= is missing");
      }
      return SwiotlbOperation.unsigned(lines, key, value);
    }

    long number(String key, long min, long max) {
      long value = unsigned(key);
      if (value < min || value > max) {
        throw lines.error(
            "%s must be %d to %d, is %s".formatted(key, min, max, Long.toUnsignedString(value)));
      }
      return value;
    }

    boolean flag(String key) {
      return number(key, 0, 1) == 1;
    }
  }
}
