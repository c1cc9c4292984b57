package dev.mapstorm.load.trace;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Which maps of a trace are live, to be found by what an unmap names: the DMA address, or for lists
 * the physical addresses.
 *
 * <p>The same key can be live twice for a moment, as {@code dma_unmap_page} is logged after the
 * IOVA was freed: another CPU may have mapped it again before. Unmaps then take the oldest first.
 * Not thread safe.
 */
public final class LiveMaps {
  /** From 6.18 lists are cut off here ({@code DMA_TRACE_MAX_ENTRIES}). */
  private static final int MOST_LISTED = 128;

  private sealed interface Key {}

  private record AddressKey(String device, long dmaAddress) implements Key {}

  private record ListKey(String device, long[] paddrs) implements Key {
    @Override
    public boolean equals(Object other) {
      return other instanceof ListKey that
          && device.equals(that.device)
          && Arrays.equals(paddrs, that.paddrs);
    }

    @Override
    public int hashCode() {
      return 31 * device.hashCode() + Arrays.hashCode(paddrs);
    }
  }

  private record Live(long id, long gaps) {}

  private final Map<Key, ArrayDeque<Live>> live = new HashMap<>();

  /** A page or coherent mapping becomes live; {@code gaps} counts the gaps so far. */
  public void add(String device, long dmaAddress, long id, long gaps) {
    add(new AddressKey(device, dmaAddress), new Live(id, gaps));
  }

  /** A list becomes live. */
  public void add(String device, long[] paddrs, long id, long gaps) {
    add(listKey(device, paddrs), new Live(id, gaps));
  }

  /** Takes out the oldest map at an address. */
  public OptionalLong remove(String device, long dmaAddress) {
    return remove(new AddressKey(device, dmaAddress));
  }

  /** Takes out the oldest map of a list. */
  public OptionalLong remove(String device, long[] paddrs) {
    return remove(listKey(device, paddrs));
  }

  /**
   * Takes out a map at an address whose unmap must have fallen into a gap: it is older than the
   * last gap, and the address is about to be mapped again.
   */
  public OptionalLong removeLost(String device, long dmaAddress, long gaps) {
    AddressKey key = new AddressKey(device, dmaAddress);
    ArrayDeque<Live> maps = live.get(key);
    return maps != null && maps.peekFirst().gaps() < gaps ? remove(key) : OptionalLong.empty();
  }

  private static ListKey listKey(String device, long[] paddrs) {
    return new ListKey(
        device, paddrs.length > MOST_LISTED ? Arrays.copyOf(paddrs, MOST_LISTED) : paddrs);
  }

  private void add(Key key, Live map) {
    live.computeIfAbsent(key, k -> new ArrayDeque<>(2)).addLast(map);
  }

  private OptionalLong remove(Key key) {
    ArrayDeque<Live> maps = live.get(key);
    if (maps == null) {
      return OptionalLong.empty();
    }
    long id = maps.removeFirst().id();
    if (maps.isEmpty()) {
      live.remove(key);
    }
    return OptionalLong.of(id);
  }
}
