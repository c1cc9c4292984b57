package dev.mapstorm.load.trace;

import dev.mapstorm.protocol.Direction;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The raw fields that libtraceevent prints of an event whose format it cannot follow: {@code
 * device=0000:00:03.0 phys_addrs=ARRAY[00, 10, ...] dir=1 attrs=0x0}. Lists are bytes, the lowest
 * first. The lists of {@code dma_map_sg} and {@code dma_unmap_sg} are printed so by every
 * libtraceevent up to now. An event is answered only if all that it needs is there. Not thread
 * safe.
 */
final class RawFields {
  private static final String ARRAY = "ARRAY[";
  private static final int ADDRESS_BYTES = Long.BYTES;
  private static final int LENGTH_BYTES = Integer.BYTES;

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
        default -> Optional.empty();
      };
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
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
      fields.put(text.substring(at, equals).strip(), text.substring(Math.min(value, end), end));
      at = end + 1;
    }
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
    int inputs = Integer.parseInt(fields.getOrDefault("full_nents", "0"));
    int outputs = Integer.parseInt(fields.getOrDefault("full_ents", "0"));
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
    int number = Integer.parseInt(fields.getOrDefault("dir", "-1"));
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
