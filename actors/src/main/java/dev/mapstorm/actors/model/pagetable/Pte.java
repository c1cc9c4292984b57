package dev.mapstorm.actors.model.pagetable;

/**
 * A page-table entry in one {@code long}: bits 0-1 access rights, bit 2 leaf, bit 3 table, bits
 * 12-51 the page's physical address or the number of the next table, bits 52-57 the base-two
 * logarithm of a leaf's page size. 0 is not present.
 */
final class Pte {
  /** Bits of a physical address that an entry can hold. */
  static final int PHYS_BITS = 52;

  private static final long LEAF = 1L << 2;
  private static final long TABLE = 1L << 3;
  private static final int ADDRESS_SHIFT = 12;
  private static final long ADDRESS = (1L << PHYS_BITS) - 1 & -1L << ADDRESS_SHIFT;
  private static final int LEAF_SHIFT = PHYS_BITS;

  private Pte() {}

  static long leaf(long phys, int pageShift, int prot) {
    return (long) pageShift << LEAF_SHIFT | phys | LEAF | prot;
  }

  static long table(int table) {
    return (long) table << ADDRESS_SHIFT | TABLE;
  }

  static boolean isTable(long entry) {
    return (entry & TABLE) != 0;
  }

  static boolean isLeaf(long entry) {
    return (entry & LEAF) != 0;
  }

  static int table(long entry) {
    return (int) ((entry & ADDRESS) >>> ADDRESS_SHIFT);
  }

  static long phys(long entry) {
    return entry & ADDRESS;
  }

  static int leafShift(long entry) {
    return (int) (entry >>> LEAF_SHIFT);
  }

  static int prot(long entry) {
    return (int) entry & PageTable.READ_WRITE;
  }
}
