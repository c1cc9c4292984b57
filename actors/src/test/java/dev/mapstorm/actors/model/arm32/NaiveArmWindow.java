package dev.mapstorm.actors.model.arm32;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The rules of 32-bit Arm's addresses, page by page: slow and plain. */
final class NaiveArmWindow {
  private final long base;
  private final int alignOrder;
  private final int pages;
  private final int most;
  private final List<BitSet> parts = new ArrayList<>();

  NaiveArmWindow(long base, long size, int alignOrder) {
    this.base = base;
    this.alignOrder = alignOrder;
    long all = (size / 4096 + 31) / 32 * 32;
    pages = (int) Math.min(all, 32768);
    most = all > 32768 ? (int) (all / 32768) : 1;
    parts.add(new BitSet());
  }

  int parts() {
    return parts.size();
  }

  long taken() {
    return parts.stream().mapToInt(BitSet::cardinality).sum();
  }

  long allocate(long bytes) {
    int count = (int) ((bytes + 4095) / 4096);
    int align = 1;
    while (align < count && align < 1 << alignOrder) {
      align *= 2;
    }
    for (int part = 0; part < parts.size(); part++) {
      long found = in(part, count, align);
      if (found >= 0) {
        return found;
      }
    }
    if (parts.size() == most) {
      return -1;
    }
    parts.add(new BitSet());
    return in(parts.size() - 1, count, align);
  }

  private long in(int part, int count, int align) {
    for (int first = 0; first + count <= pages; first += align) {
      if (parts.get(part).get(first, first + count).isEmpty()) {
        parts.get(part).set(first, first + count);
        return base + 4096L * ((long) part * pages + first);
      }
    }
    return -1;
  }

  void free(long address, long bytes) {
    int first = (int) ((address - base) / 4096);
    parts.get(first / pages).clear(first % pages, first % pages + (int) (bytes / 4096));
  }
}
