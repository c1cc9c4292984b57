package dev.mapstorm.load.trace;

import dev.mapstorm.protocol.Direction;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of an event by their names, as tools print them in place of the text that the kernel
 * has for the event: {@code device=0000:00:03.0 phys_addrs=ARRAY[00, 10, ...] dir=1 attrs=0x0}.
 *
 * <p>libtraceevent does so with an event whose format it cannot follow; those of {@code dma_map_sg}
 * and {@code dma_unmap_sg} are such with every version up to now. {@code trace-cmd report -R} does
 * with all, and so does the kernel with {@code options/fields}, which adds each number in decimal:
 * {@code size=0x1000 (4096)}. Lists are bytes, the lowest first. An event is answered only if all
 * that it needs is there. Not thread safe.
 */
final class RawFields {
  private static final String ARRAY = "ARRAY[";
  private static final int ADDRESS_BYTES = Long.BYTES;
  private static final int LENGTH_BYTES = Integer.BYTES;

  /** {@code QI_..._TYPE} of drivers/iommu/intel/iommu.h, and the names that the event prints. */
  private static final String[] DESCRIPTORS = {
    "unknown", "cc_inv", "iotlb_inv", "dev_tlb_inv", "iec_inv", "inv_wait"
  };

  private static final int DESCRIPTOR_TYPE = 0xf;

  private final Map<String, String> fields = new HashMap<>();

  /**
   * Reads the fields of an event.
   *
   * @return empty if the fields are not those of an event that is known
   */
  Optional<TraceEvent> parse(String event, String text) {
    split(text);
    String name = event.substring(event.lastIndexOf(':') + 1);
    try {
      return switch (name) {
        case "dma_map_sg" -> mapSg();
        case "dma_unmap_sg" -> unmapSg();
        default -> plain(name);
      };
    } catch (NumberFormatException | MissingField e) {
      return Optional.empty();
    }
  }

  /** An event without lists. */
  private Optional<TraceEvent> plain(String name) throws MissingField {
    TraceEvent event =
        switch (name) {
          case "map" ->
              new TraceEvent.IommuMap("", number("iova"), number("paddr"), number("size"));
          case "unmap" ->
              new TraceEvent.IommuUnmap(
                  "", number("iova"), number("size"), number("unmapped_size"));
          case "io_page_fault" ->
              new TraceEvent.IoPageFault(
                  text("driver"), text("device"), number("iova"), (int) number("flags") & 1, true);
          case "dma_map_page", "dma_map_phys", "dma_map_resource" ->
              new TraceEvent.DmaMap(
                  text("device"), way(), number("dma_addr"), number("size"), number("phys_addr"));
          case "dma_unmap_page", "dma_unmap_phys", "dma_unmap_resource" ->
              new TraceEvent.DmaUnmap(text("device"), way(), number("addr"), number("size"));
          case "dma_free", "dma_free_pages" ->
              new TraceEvent.DmaFree(text("device"), number("dma_addr"), number("size"));
          case "swiotlb_bounced" ->
              new TraceEvent.SwiotlbBounced(
                  text("dev_name"),
                  number("dma_mask"),
                  number("dev_addr"),
                  number("size"),
                  number("force") != 0);
          case "qi_submit" ->
              new TraceEvent.QiSubmit(
                  descriptor(),
                  text("iommu"),
                  number("qw0"),
                  number("qw1"),
                  number("qw2"),
                  number("qw3"));
          case "cache_tag_flush_range", "cache_tag_flush_range_np" ->
              TraceEvent.CacheTagFlushRange.of(
                  text("iommu"),
                  cacheTagType(),
                  (int) number("domain_id"),
                  number("start"),
                  number("end"),
                  number("addr"),
                  (int) number("mask"),
                  name.endsWith("_np"));
          case "cache_tag_flush_all" ->
              new TraceEvent.CacheTagFlushAll(
                  text("iommu"), cacheTagType(), (int) number("domain_id"));
          default -> null;
        };
    return Optional.ofNullable(event);
  }

  /** A field that the event needs is not there. */
  private static final class MissingField extends Exception {
    private static final long serialVersionUID = 1L;

    MissingField(String name) {
      super(name, null, false, false);
    }
  }

  private String text(String field) throws MissingField {
    String value = fields.get(field);
    if (value == null || value.isEmpty()) {
      throw new MissingField(field);
    }
    return value;
  }

  private long number(String field) throws MissingField {
    String value = text(field);
    return value.startsWith("0x")
        ? Long.parseUnsignedLong(value.substring(2), 16)
        : Long.parseLong(value);
  }

  private Direction way() throws MissingField {
    return direction().orElseThrow(() -> new MissingField("dir"));
  }

  private String cacheTagType() throws MissingField {
    return EventParser.cacheTagType((int) number("type"))
        .orElseThrow(() -> new MissingField("type"));
  }

  /** What a descriptor is, by the lowest bits of its first word. */
  private String descriptor() throws MissingField {
    int type = (int) number("qw0") & DESCRIPTOR_TYPE;
    return type < DESCRIPTORS.length ? DESCRIPTORS[type] : "unknown";
  }

  private void split(String text) {
    fields.clear();
    int at = 0;
    while (at < text.length()) {
      int equals = text.indexOf('=', at);
      if (equals < 0) {
        return;
      }
      boolean array = text.startsWith(ARRAY, equals + 1);
      int end = text.indexOf(array ? ']' : ' ', equals);
      end = end < 0 ? text.length() : end;
      int value = array ? equals + 1 + ARRAY.length() : equals + 1;
      fields.put(nameOf(text.substring(at, equals)), text.substring(Math.min(value, end), end));
      at = end + 1;
    }
  }

  /** Without the decimal number of the field before it. */
  private static String nameOf(String text) {
    return text.substring(text.lastIndexOf(')') + 1).strip();
  }

  private Optional<TraceEvent> mapSg() {
    Optional<Direction> direction = direction();
    if (direction.isEmpty()
        || !fields.containsKey("device")
        || !fields.containsKey("phys_addrs")
        || !fields.containsKey("dma_addrs")
        || !fields.containsKey("lengths")) {
      return Optional.empty();
    }
    long[] addresses = numbers("dma_addrs", ADDRESS_BYTES);
    long[] sizes = numbers("lengths", LENGTH_BYTES);
    long[] paddrs = numbers("phys_addrs", ADDRESS_BYTES);
    if (addresses.length != sizes.length) {
      return Optional.empty();
    }
    int inputs = Integer.decode(fields.getOrDefault("full_nents", "0"));
    int outputs = Integer.decode(fields.getOrDefault("full_ents", "0"));
    return Optional.of(
        new TraceEvent.DmaMapSg(
            fields.get("device"),
            direction.get(),
            addresses,
            sizes,
            paddrs,
            Math.max(inputs, paddrs.length),
            Math.max(outputs, addresses.length)));
  }

  private Optional<TraceEvent> unmapSg() {
    Optional<Direction> direction = direction();
    String list = fields.containsKey("addrs") ? "addrs" : "phys_addrs";
    if (direction.isEmpty() || !fields.containsKey("device") || !fields.containsKey(list)) {
      return Optional.empty();
    }
    return Optional.of(
        new TraceEvent.DmaUnmapSg(
            fields.get("device"), direction.get(), numbers(list, ADDRESS_BYTES)));
  }

  /** The direction by its number in enum dma_data_direction. */
  private Optional<Direction> direction() {
    int number = Integer.decode(fields.getOrDefault("dir", "-1"));
    Direction[] all = Direction.values();
    return number >= 0 && number < all.length ? Optional.of(all[number]) : Optional.empty();
  }

  private long[] numbers(String field, int width) {
    String[] bytes = fields.get(field).split(",\\s*");
    long[] numbers = new long[bytes.length / width];
    for (int i = 0; i < numbers.length * width; i++) {
      long value = Integer.parseInt(bytes[i].strip(), 16) & 0xff;
      numbers[i / width] |= value << 8 * (i % width);
    }
    return numbers;
  }
}
