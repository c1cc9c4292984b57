package dev.mapstorm.protocol.event;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Turns the values of a column into the numbers that stand for them in a batch, and back, in place.
 * Columns come in the order of the payload. Between columns of a batch it remembers the list of
 * physical ranges and what arguments were in each call; between batches nothing. Not thread-safe.
 */
final class ColumnTransform {
  /** Keys that share a slot cost bytes and nothing else. */
  private static final int SLOTS = 1024;

  private static final int SUCCESSOR_BITS = 13;

  /** How far from the expected place a value is looked for in the list. */
  private static final int NEAR = 31;

  /** The last value of each key; zero between columns. */
  private final long[] last = new long[SLOTS];

  private final long[] successor = new long[1 << SUCCESSOR_BITS];
  private final Map<String, CallValues> ofCalls = new HashMap<>();
  private long[] list = new long[1024];
  private int listed;
  private long batch;

  /** What arguments of one name were in the calls of a batch. */
  private static final class CallValues {
    private static final int SLOTS = 4096;
    private static final int DOMAINS_APART = 1021;
    private static final int FIELDS = 4;

    /** Batch, domain, call and value. Of another batch than the present one all are -1. */
    private final long[] slots = new long[SLOTS * FIELDS];

    /** Where a call has its fields, unless another took its place. */
    static int slot(long domain, long call) {
      return (int) (call + DOMAINS_APART * domain & SLOTS - 1) * FIELDS;
    }
  }

  /** A batch begins. */
  void begin() {
    batch++;
    listed = 0;
  }

  /** The granules where the physical ranges of the batch begin are these. */
  void list(long[] granules, int n) {
    if (n > list.length) {
      list = new long[Math.max(n, 2 * list.length)];
    }
    System.arraycopy(granules, 0, list, 0, n);
    listed = n;
  }

  /** Replaces the first {@code n} values of a column by what stands for them. */
  void toCodes(Column column, Columns columns, int index, int n) {
    long[] values = columns.get(index);
    long[] keys = columns.get(column.key());
    switch (column.mode()) {
      case PLAIN -> {}
      case DELTA -> toDeltas(keys, values, n);
      case RELATIVE -> toRelative(keys, values, n);
      case PER_CALL -> perCall(column, columns, values, n, true);
      case LISTED -> toPlaces(values, n);
      case PREDICTED -> toPredicted(keys, values, n);
    }
  }

  /** The inverse of {@link #toCodes}. */
  void toValues(Column column, Columns columns, int index, int n) {
    long[] codes = columns.get(index);
    long[] keys = columns.get(column.key());
    switch (column.mode()) {
      case PLAIN -> {}
      case DELTA -> fromDeltas(keys, codes, n);
      case RELATIVE -> fromRelative(keys, codes, n);
      case PER_CALL -> perCall(column, columns, codes, n, false);
      case LISTED -> fromPlaces(codes, n);
      case PREDICTED -> fromPredicted(keys, codes, n);
    }
  }

  private void toDeltas(long[] keys, long[] values, int n) {
    for (int j = 0; j < n; j++) {
      int slot = slot(keys[j]);
      long value = values[j];
      values[j] = zigzag(value - last[slot]);
      last[slot] = value;
    }
    forget(keys, values, n);
  }

  private void fromDeltas(long[] keys, long[] codes, int n) {
    for (int j = 0; j < n; j++) {
      int slot = slot(keys[j]);
      long value = last[slot] + unzigzag(codes[j]);
      codes[j] = value;
      last[slot] = value;
    }
    forget(keys, codes, n);
  }

  /** Sets {@link #last} back to zero; where it was used, if the keys still say where. */
  private void forget(long[] keys, long[] column, int n) {
    if (n > SLOTS / 4 || keys == column) {
      Arrays.fill(last, 0);
    } else {
      for (int j = 0; j < n; j++) {
        last[slot(keys[j])] = 0;
      }
    }
  }

  private static void toRelative(long[] keys, long[] values, int n) {
    for (int j = 0; j < n; j++) {
      values[j] = zigzag(keys[j] - values[j]);
    }
  }

  private static void fromRelative(long[] keys, long[] codes, int n) {
    for (int j = 0; j < n; j++) {
      codes[j] = keys[j] - unzigzag(codes[j]);
    }
  }

  private void perCall(Column column, Columns columns, long[] numbers, int n, boolean encode) {
    long[] slots = ofCalls.computeIfAbsent(column.name(), name -> new CallValues()).slots;
    long[] domains = columns.get(column.key() - 1);
    long[] calls = columns.get(column.key());
    long before = 0;
    for (int j = 0; j < n; j++) {
      long domain = domains[j];
      long call = calls[j];
      int slot = CallValues.slot(domain, call);
      long base;
      if (slots[slot] == batch) {
        base = slots[slot + 1] == domain && slots[slot + 2] == call ? slots[slot + 3] : before;
      } else {
        base = domain == -1 && call == -1 ? -1 : before;
      }
      long value = encode ? numbers[j] : base + unzigzag(numbers[j]);
      numbers[j] = encode ? zigzag(value - base) : value;
      slots[slot] = batch;
      slots[slot + 1] = domain;
      slots[slot + 2] = call;
      slots[slot + 3] = value;
      before = value;
    }
  }

  private void toPlaces(long[] values, int n) {
    long before = 0;
    int expected = 0;
    for (int j = 0; j < n; j++) {
      long value = values[j];
      int place = find(value, expected);
      if (place < 0) {
        values[j] = zigzag(value - before) << 1 | 1;
      } else {
        values[j] = zigzag(place - expected) << 1;
        expected = place + 1;
      }
      before = value;
    }
  }

  /** The place of a value that is nearest to the expected one, the later of two; or -1. */
  private int find(long value, int expected) {
    if (expected < listed && list[expected] == value) {
      return expected;
    }
    for (int away = 1; away <= NEAR; away++) {
      int after = expected + away;
      int before = expected - away;
      if (after < listed && list[after] == value) {
        return after;
      }
      if (before >= 0 && before < listed && list[before] == value) {
        return before;
      }
    }
    return -1;
  }

  private void fromPlaces(long[] codes, int n) {
    long before = 0;
    long expected = 0;
    for (int j = 0; j < n; j++) {
      long number = unzigzag(codes[j] >>> 1);
      if ((codes[j] & 1) != 0) {
        before += number;
      } else {
        long place = expected + number;
        if (place < 0 || place >= listed) {
          throw new DamagedBatchException(
              "an entry refers to range %d of %d in the list".formatted(place, listed));
        }
        before = list[(int) place];
        expected = place + 1;
      }
      codes[j] = before;
    }
  }

  private void toPredicted(long[] keys, long[] values, int n) {
    Arrays.fill(successor, 0);
    for (int j = 0; j < n; j++) {
      int slot = slot(keys[j]);
      long value = values[j];
      int guess = guess(last[slot]);
      values[j] = successor[guess] == value ? 0 : 1 + zigzag(value - last[slot]);
      successor[guess] = value;
      last[slot] = value;
    }
    forget(keys, values, n);
  }

  private void fromPredicted(long[] keys, long[] codes, int n) {
    Arrays.fill(successor, 0);
    for (int j = 0; j < n; j++) {
      int slot = slot(keys[j]);
      int guess = guess(last[slot]);
      long value = codes[j] == 0 ? successor[guess] : last[slot] + unzigzag(codes[j] - 1);
      codes[j] = value;
      successor[guess] = value;
      last[slot] = value;
    }
    forget(keys, codes, n);
  }

  private static int slot(long key) {
    return (int) (key & (SLOTS - 1));
  }

  private static int guess(long before) {
    return (int) ((before * 0x9E3779B97F4A7C15L) >>> (64 - SUCCESSOR_BITS));
  }

  private static long zigzag(long v) {
    return (v << 1) ^ (v >> 63);
  }

  private static long unzigzag(long v) {
    return (v >>> 1) ^ -(v & 1);
  }
}
