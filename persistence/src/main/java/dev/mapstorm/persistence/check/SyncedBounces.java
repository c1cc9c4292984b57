package dev.mapstorm.persistence.check;

import dev.mapstorm.protocol.Direction;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which buffers that stay mapped lie in bounce slots, and when a request that uses a part of one
 * was synced: without a copy its data is in the one place only. Not thread-safe.
 */
final class SyncedBounces {
  /** Slots that hold a buffer. */
  private record Slots(long phys, long address, long bytes) {}

  /** A request in such a buffer. */
  private record Use(long address, boolean reads, long since) {}

  /** By client, and in it by the first byte of the buffer. */
  private final Map<Integer, TreeMap<Long, Slots>> slots = new HashMap<>();

  private final Map<Long, Use> uses = new HashMap<>();

  /** By address and direction: the instant of the last copy. */
  private final Map<Long, Long> copiedOut = new HashMap<>();

  private final Map<Long, Long> copiedIn = new HashMap<>();

  /** A buffer that stays mapped is in slots. */
  void bounced(int client, long phys, long address, long bytes) {
    slots
        .computeIfAbsent(client, key -> new TreeMap<>())
        .put(phys, new Slots(phys, address, bytes));
  }

  /** Bytes were copied by a sync. */
  void copied(long t, long address, Direction direction) {
    (direction == Direction.TO_DEVICE ? copiedIn : copiedOut).put(address, t);
  }

  /**
   * A request uses memory of a buffer that stays mapped.
   *
   * @param phys its first byte
   */
  void requested(long key, long t, int client, long phys, Direction direction) {
    TreeMap<Long, Slots> own = slots.get(client);
    Map.Entry<Long, Slots> at = own == null ? null : own.floorEntry(phys);
    if (at != null && phys < at.getValue().phys + at.getValue().bytes) {
      long address = at.getValue().address + phys - at.getValue().phys;
      uses.put(key, new Use(address, direction != Direction.TO_DEVICE, t));
    }
  }

  /**
   * Whether the data of a request that is done has not been copied between its slots and its
   * buffer.
   */
  boolean lacksSync(long key) {
    Use use = uses.remove(key);
    if (use == null) {
      return false;
    }
    Long copied = (use.reads ? copiedOut : copiedIn).get(use.address);
    return copied == null || copied < use.since;
  }
}
