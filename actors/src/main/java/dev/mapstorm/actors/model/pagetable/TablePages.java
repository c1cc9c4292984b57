package dev.mapstorm.actors.model.pagetable;

import java.util.Arrays;

/**
 * The table pages of one page table: kept in chunks of flat arrays, with a freelist. Counts the
 * present entries of each table.
 */
final class TablePages {
  private static final int CHUNK_BITS = 2;
  private static final int CHUNK_TABLES = 1 << CHUNK_BITS;

  private final int indexBits;
  private final int entries;
  private long[][] chunks = new long[4][];
  private int[] present = new int[4 * CHUNK_TABLES];
  private int[] free = new int[16];
  private int freeCount;
  private int everUsed;

  /** None yet, of {@code 1 << indexBits} entries each. */
  TablePages(int indexBits) {
    this.indexBits = indexBits;
    entries = 1 << indexBits;
  }

  /** Entries of a table. */
  int entries() {
    return entries;
  }

  /** Takes a table with no entry present. */
  int allocate() {
    if (freeCount > 0) {
      int table = free[--freeCount];
      int base = offset(table, 0);
      Arrays.fill(chunks[table >>> CHUNK_BITS], base, base + entries, 0);
      present[table] = 0;
      return table;
    }
    int table = everUsed++;
    int chunk = table >>> CHUNK_BITS;
    if (chunk == chunks.length) {
      chunks = Arrays.copyOf(chunks, chunk * 2);
      present = Arrays.copyOf(present, chunks.length * CHUNK_TABLES);
    }
    if (chunks[chunk] == null) {
      chunks[chunk] = new long[CHUNK_TABLES * entries];
    }
    return table;
  }

  void release(int table) {
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, freeCount * 2);
    }
    free[freeCount++] = table;
  }

  /** Tables in use. */
  int inUse() {
    return everUsed - freeCount;
  }

  /** Entries of {@code table} that are present. */
  int present(int table) {
    return present[table];
  }

  long entry(int table, int index) {
    return chunks[table >>> CHUNK_BITS][offset(table, index)];
  }

  /** Fills an entry that is not present. */
  void set(int table, int index, long entry) {
    chunks[table >>> CHUNK_BITS][offset(table, index)] = entry;
    present[table]++;
  }

  /** Empties an entry that is present. */
  void clear(int table, int index) {
    chunks[table >>> CHUNK_BITS][offset(table, index)] = 0;
    present[table]--;
  }

  /** Whether no leaf is in {@code table} or in any table below it. */
  boolean leafless(int table) {
    int left = present[table];
    for (int index = 0; left > 0; index++) {
      long entry = entry(table, index);
      if (Pte.isLeaf(entry) || Pte.isTable(entry) && !leafless(Pte.table(entry))) {
        return false;
      }
      if (entry != 0) {
        left--;
      }
    }
    return true;
  }

  private int offset(int table, int index) {
    return (table & CHUNK_TABLES - 1) << indexBits | index;
  }
}
