package dev.mapstorm.load.trace;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a trace file says of the machine that it was recorded on, in comments of the form {@code #
 * machine: KEY = VALUE} as {@code capture} writes them. Keys that are not known are kept as they
 * are.
 *
 * @param values what is said once, by key, such as {@code kernel}, {@code cpus-possible}, {@code
 *     policy}, {@code hz}
 * @param options of the kernel's command line that concern DMA
 * @param units IOMMUs
 * @param windows windows of host bridges, which no IOVA lies in
 * @param groups type of each IOMMU group: {@code DMA}, {@code DMA-FQ}, {@code identity}
 * @param reserved ranges that are reserved in a group
 * @param devices devices that map
 */
public record MachineFacts(
    Map<String, String> values,
    List<String> options,
    List<String> units,
    List<Range> windows,
    Map<Integer, String> groups,
    List<Range> reserved,
    List<Device> devices) {

  /**
   * A range of bus addresses.
   *
   * @param group whose it is; -1 for all
   * @param first its first address
   * @param last its last address
   * @param kind as the kernel names it
   */
  public record Range(int group, long first, long last, String kind) {}

  /**
   * A device.
   *
   * @param name as traces name it
   * @param group its IOMMU group; -1 for none
   * @param maskBits width of its DMA mask; 0 if not known
   * @param node NUMA node; -1 if not known
   * @param driver its driver; empty for none
   */
  public record Device(String name, int group, int maskBits, int node, String driver) {}

  /**
   * Bounce buffers of the machine.
   *
   * @param start first address
   * @param bytes length
   * @param areas that it is cut into; 0 if not known
   */
  public record BouncePool(long start, long bytes, int areas) {}

  private static final String MARK = "# machine: ";
  private static final String ADDRESS = "0x([0-9a-f]{1,16})";
  private static final Pattern FACT = Pattern.compile(MARK + "([a-z-]{1,40}) = (.{0,400})");
  private static final Pattern WINDOW = Pattern.compile(ADDRESS + " " + ADDRESS + " (.+)");
  private static final Pattern GROUP = Pattern.compile("(\\d{1,9}) (\\S+)");
  private static final Pattern RESERVED =
      Pattern.compile("(\\d{1,9}) " + ADDRESS + " " + ADDRESS + " (\\S+)");
  private static final Pattern DEVICE =
      Pattern.compile(
          "(\\S+) group (\\d{1,9}|-) mask (\\d{1,3}|-) node (-1|\\d{1,5}) driver (\\S+)");
  private static final Pattern CPU_LIST =
      Pattern.compile("\\d{1,6}(?:-\\d{1,6})?(?:,\\d{1,6}(?:-\\d{1,6})?)*");
  private static final Pattern POOL = Pattern.compile(ADDRESS + " " + ADDRESS);
  private static final Pattern AREAS = Pattern.compile("\\d{1,5}");
  private static final Pattern PAGE_SIZE = Pattern.compile("\\d{4,7}");
  private static final Pattern CPU_RANGE = Pattern.compile("(?:[\\d,-]*[,-])?(\\d{1,6})");

  /** Of a file that says nothing of its machine. */
  public static final MachineFacts NONE = new Reader().facts();

  /** The kernel's version, as uname -r prints it. */
  @JsonIgnore
  public Optional<String> kernel() {
    return Optional.ofNullable(values.get("kernel"));
  }

  /** How many CPUs the machine can have; 0 if not said. */
  @JsonIgnore
  public int possibleCpus() {
    Matcher range = CPU_RANGE.matcher(values.getOrDefault("cpus-possible", ""));
    return range.matches() ? Integer.parseInt(range.group(1)) + 1 : 0;
  }

  /** How many CPUs were online; the possible ones if that is not said, 0 if neither is. */
  @JsonIgnore
  public int onlineCpus() {
    String online = values.getOrDefault("cpus-online", "");
    if (!CPU_LIST.matcher(online).matches()) {
      return possibleCpus();
    }
    int count = 0;
    for (String range : online.split(",")) {
      String[] ends = range.split("-");
      count += Integer.parseInt(ends[ends.length - 1]) - Integer.parseInt(ends[0]) + 1;
    }
    return Math.max(count, 0);
  }

  /** The bounce buffers, as the kernel log has them. */
  @JsonIgnore
  public Optional<BouncePool> bouncePool() {
    Matcher range = POOL.matcher(values.getOrDefault("swiotlb", ""));
    if (!range.matches()) {
      return Optional.empty();
    }
    long start = Long.parseUnsignedLong(range.group(1), 16);
    long end = Long.parseUnsignedLong(range.group(2), 16);
    String areas = values.getOrDefault("swiotlb-areas", "");
    return Optional.of(
        new BouncePool(
            start, end - start, AREAS.matcher(areas).matches() ? Integer.parseInt(areas) : 0));
  }

  /** Bytes of a page; 0 if not said. */
  @JsonIgnore
  public int pageSize() {
    String size = values.getOrDefault("page-size", "");
    return PAGE_SIZE.matcher(size).matches() ? Integer.parseInt(size) : 0;
  }

  /**
   * {@code strict} or {@code lazy}: the kernel's default, as its log or its command line has it.
   */
  @JsonIgnore
  public Optional<String> policy() {
    if (values.containsKey("policy")) {
      return Optional.of(values.get("policy"));
    }
    if (hasOption("iommu.strict=1", "intel_iommu=strict", "amd_iommu=fullflush")) {
      return Optional.of("strict");
    }
    return hasOption("iommu.strict=0") ? Optional.of("lazy") : Optional.empty();
  }

  /** Whether the command line has one of these options, alone or in a list with commas. */
  public boolean hasOption(String... wanted) {
    for (String option : options) {
      int equals = option.indexOf('=');
      for (String part : option.substring(equals + 1).split(",")) {
        if (List.of(wanted).contains(option.substring(0, equals + 1) + part)) {
          return true;
        }
      }
    }
    return false;
  }

  /** A device by its name. */
  public Optional<Device> device(String name) {
    return devices.stream().filter(device -> device.name().equals(name)).findFirst();
  }

  /** The machine in one line; empty if nothing is said of it. */
  @JsonIgnore
  public Optional<String> text() {
    List<String> parts = new ArrayList<>();
    kernel().ifPresent(kernel -> parts.add("Linux " + kernel));
    Optional.ofNullable(values.get("arch")).ifPresent(parts::add);
    if (possibleCpus() > 0) {
      parts.add("%d possible CPUs".formatted(possibleCpus()));
    }
    Optional.ofNullable(values.get("hz")).ifPresent(hz -> parts.add("HZ " + hz));
    policy().ifPresent(policy -> parts.add(policy + " by default"));
    Optional.ofNullable(values.get("for")).ifPresent(name -> parts.add("recorded for " + name));
    return parts.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", parts));
  }

  /** Gathers them from the comments of a file. */
  static final class Reader {
    private final Map<String, String> values = new TreeMap<>();
    private final List<String> options = new ArrayList<>();
    private final List<String> units = new ArrayList<>();
    private final List<Range> windows = new ArrayList<>();
    private final Map<Integer, String> groups = new TreeMap<>();
    private final List<Range> reserved = new ArrayList<>();
    private final List<Device> devices = new ArrayList<>();

    /**
     * Takes a comment.
     *
     * @return false if it is a fact that cannot be read
     */
    boolean take(String line) {
      if (!line.startsWith(MARK)) {
        return true;
      }
      Matcher fact = FACT.matcher(line.stripTrailing());
      return fact.matches() && take(fact.group(1), fact.group(2));
    }

    /** Whether a line is of the form that {@link #take(String)} reads. */
    boolean isFact(String line) {
      return line.startsWith(MARK);
    }

    /** Takes a fact unless the same, or one that excludes it, was taken before. */
    void takeFirst(String key, String value) {
      boolean known =
          switch (key) {
            case "option" -> options.contains(value);
            case "group" -> groups.containsKey(Integer.parseInt(value.split(" ")[0]));
            case "device" ->
                devices.stream().anyMatch(device -> value.startsWith(device.name() + " "));
            default -> values.containsKey(key);
          };
      if (!known) {
        take(key, value);
      }
    }

    private boolean take(String key, String value) {
      switch (key) {
        case "option":
          return options.add(value);
        case "unit":
          return units.add(value);
        case "window":
          return range(WINDOW.matcher(value), windows);
        case "reserved":
          return range(RESERVED.matcher(value), reserved);
        case "group":
          Matcher group = GROUP.matcher(value);
          return group.matches() && put(groups, Integer.parseInt(group.group(1)), group.group(2));
        case "device":
          return device(DEVICE.matcher(value));
        default:
          return put(values, key, value);
      }
    }

    private static <K> boolean put(Map<K, String> map, K key, String value) {
      map.put(key, value);
      return true;
    }

    private static boolean range(Matcher range, List<Range> ranges) {
      if (!range.matches()) {
        return false;
      }
      int at = range.groupCount() - 3;
      return ranges.add(
          new Range(
              at == 0 ? -1 : Integer.parseInt(range.group(1)),
              Long.parseUnsignedLong(range.group(at + 1), 16),
              Long.parseUnsignedLong(range.group(at + 2), 16),
              range.group(at + 3)));
    }

    private boolean device(Matcher device) {
      return device.matches()
          && devices.add(
              new Device(
                  device.group(1),
                  number(device.group(2), -1),
                  number(device.group(3), 0),
                  Integer.parseInt(device.group(4)),
                  device.group(5).equals("-") ? "" : device.group(5)));
    }

    private static int number(String text, int otherwise) {
      return text.equals("-") ? otherwise : Integer.parseInt(text);
    }

    /** What was said so far. */
    MachineFacts facts() {
      return new MachineFacts(
          Collections.unmodifiableMap(new TreeMap<>(values)),
          List.copyOf(options),
          List.copyOf(units),
          List.copyOf(windows),
          Collections.unmodifiableMap(new TreeMap<>(groups)),
          List.copyOf(reserved),
          List.copyOf(devices));
    }
  }
}
