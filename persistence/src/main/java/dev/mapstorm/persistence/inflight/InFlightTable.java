package dev.mapstorm.persistence.inflight;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * What is in flight of one kind, by owner and number. Owners give numbers out one after the other,
 * so each owner has a ring of objects, of which the low bits of the number choose one, and most
 * numbers find their place free. One whose place is taken by an older one makes the ring longer, or
 * waits in a map if the ring is far from full. Objects stay in their places and are used again:
 * what begins and ends costs no memory. Not thread-safe.
 */
final class InFlightTable<T extends Numbered> {
  private static final int SMALLEST = 4;
  private static final int OWNER_SHIFT = 40;

  /** Owners and numbers of keys in {@link #displaced}. */
  private static final int OWNERS = 1 << 63 - OWNER_SHIFT;

  private static final long NUMBERS = 1L << OWNER_SHIFT;

  private final Supplier<T> maker;
  private Numbered[][] rings = new Numbered[4][];
  private int[] live = new int[4];
  private final Long2ObjectHashMap<T> displaced = new Long2ObjectHashMap<>();

  /** An empty table of what {@code maker} makes. */
  InFlightTable(Supplier<T> maker) {
    this.maker = maker;
  }

  private static long key(int owner, long number) {
    return (long) owner << OWNER_SHIFT | number;
  }

  /** What is in flight with this number; null if nothing is. */
  @SuppressWarnings("unchecked")
  T get(int owner, long number) {
    if (owner < 0 || owner >= rings.length) {
      return null;
    }
    Numbered[] ring = rings[owner];
    if (ring == null) {
      return null;
    }
    Numbered there = ring[(int) number & ring.length - 1];
    if (there != null && there.number == number) {
      return (T) there;
    }
    if (displaced.isEmpty()) {
      return null;
    }
    T found = displaced.get(key(owner, number));
    return found == null || found.number != number ? null : found;
  }

  /**
   * Something is in flight from now on. Fields of what the object stood for before are still set.
   *
   * @throws IllegalArgumentException if the owner is not below 2^23 or the number not below 2^40
   */
  @SuppressWarnings("unchecked")
  T begin(int owner, long number) {
    Numbered[] ring = ring(owner, number);
    int at = (int) number & ring.length - 1;
    Numbered there = ring[at];
    if (there == null) {
      there = maker.get();
      ring[at] = there;
    } else if (there.number != Numbered.NONE && there.number != number) {
      return crowded(maker.get(), owner, number);
    }
    if (there.number == Numbered.NONE) {
      live[owner]++;
    }
    there.owner = owner;
    there.number = number;
    return (T) there;
  }

  /** The same with an object that carries its owner and number already. */
  void adopt(T thing) {
    Numbered[] ring = ring(thing.owner, thing.number);
    int at = (int) thing.number & ring.length - 1;
    if (ring[at] != null && ring[at].number != Numbered.NONE) {
      crowded(thing, thing.owner, thing.number);
    } else {
      ring[at] = thing;
      live[thing.owner]++;
    }
  }

  private T crowded(T thing, int owner, long number) {
    thing.owner = owner;
    thing.number = number;
    if (live[owner] * 4 > rings[owner].length) {
      grow(owner);
      adopt(thing);
    } else {
      displaced.put(key(owner, number), thing);
      live[owner]++;
    }
    return thing;
  }

  private Numbered[] ring(int owner, long number) {
    if (owner < 0 || owner >= OWNERS || number < 0 || number >= NUMBERS) {
      throw new IllegalArgumentException(
          "number %d of %d: owners are below 2^23, numbers below 2^40".formatted(number, owner));
    }
    if (owner >= rings.length) {
      int n = Math.max(owner + 1, rings.length * 2);
      rings = Arrays.copyOf(rings, n);
      live = Arrays.copyOf(live, n);
    }
    if (rings[owner] == null) {
      rings[owner] = new Numbered[SMALLEST];
    }
    return rings[owner];
  }

  private void grow(int owner) {
    Numbered[] old = rings[owner];
    Numbered[] ring = new Numbered[old.length * 2];
    for (Numbered each : old) {
      if (each != null && each.number != Numbered.NONE) {
        ring[(int) each.number & ring.length - 1] = each;
      }
    }
    rings[owner] = ring;
  }

  /** Something is over. */
  void end(T thing) {
    Numbered[] ring = rings[thing.owner];
    int at = (int) thing.number & ring.length - 1;
    live[thing.owner]--;
    if (ring[at] != thing) {
      displaced.remove(key(thing.owner, thing.number));
    } else if (thing.holders > 0) {
      ring[at] = null;
    } else {
      thing.number = Numbered.NONE;
    }
  }

  /** All that is in flight, in no order that means something. */
  @SuppressWarnings("unchecked")
  List<T> all() {
    List<T> all = new ArrayList<>(displaced.values());
    for (Numbered[] ring : rings) {
      if (ring != null) {
        for (Numbered each : ring) {
          if (each != null && each.number != Numbered.NONE) {
            all.add((T) each);
          }
        }
      }
    }
    return all;
  }

  /** Forgets everything, and gives up the room. */
  void clear() {
    rings = new Numbered[4][];
    live = new int[4];
    displaced.clear();
    displaced.compact();
  }
}
