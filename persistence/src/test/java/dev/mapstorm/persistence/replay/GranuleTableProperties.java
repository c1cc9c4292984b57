package dev.mapstorm.persistence.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class GranuleTableProperties {
  private record Entry(long physPfn, int shift) {}

  /** Ranges around a block's border, so that they span blocks, meet and part again. */
  @Property(tries = 200)
  void shouldAgreeWithAMapOfGranules(
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 1 << 20) Integer> steps) {
    GranuleTable table = new GranuleTable();
    Map<Long, Entry> entries = new TreeMap<>();
    Map<Long, Integer> owners = new TreeMap<>();
    for (int step : steps) {
      long pfn = 400 + (step >> 2) % 200;
      long pages = 1 + (step >> 10) % 300;
      int slot = step >> 18;
      switch (step & 3) {
        case 0 -> {
          assertThat(table.map(pfn, pfn + 7, pages, 12)).isEqualTo(present(entries, pfn, pages));
          for (long p = pfn; p < pfn + pages; p++) {
            entries.put(p, new Entry(p + 7, 12));
          }
        }
        case 1 -> {
          assertThat(table.clear(pfn, pages)).isEqualTo(present(entries, pfn, pages));
          for (long p = pfn; p < pfn + pages; p++) {
            entries.remove(p);
          }
        }
        case 2 -> {
          assertThat(table.own(pfn, pages, slot)).isEqualTo(present(owners, pfn, pages));
          for (long p = pfn; p < pfn + pages; p++) {
            owners.put(p, slot);
          }
        }
        default -> {
          table.disown(pfn, pages, slot);
          for (long p = pfn; p < pfn + pages; p++) {
            owners.remove(p, slot);
          }
        }
      }
      assertThat(table.present()).isEqualTo(entries.size());
    }
    for (long p = 350; p < 950; p++) {
      assertThat(table.owner(p)).isEqualTo(owners.getOrDefault(p, GranuleTable.NOBODY));
      assertThat(table.physPfn(p)).isEqualTo(entries.containsKey(p) ? p + 7 : -1);
    }
    assertThat(runs(table)).isEqualTo(runs(entries));
  }

  private static long present(Map<Long, ?> of, long pfn, long pages) {
    long n = 0;
    for (long p = pfn; p < pfn + pages; p++) {
      n += of.containsKey(p) ? 1 : 0;
    }
    return n;
  }

  private static List<String> runs(GranuleTable table) {
    List<String> runs = new ArrayList<>();
    table.forEachRun(
        (pfn, phys, pages, shift) -> runs.add(pfn + ">" + phys + "x" + pages + "@" + shift));
    return runs;
  }

  private static List<String> runs(Map<Long, Entry> entries) {
    List<String> runs = new ArrayList<>();
    long first = -1;
    long next = -1;
    for (long p : entries.keySet()) {
      if (p != next) {
        if (first >= 0) {
          runs.add(first + ">" + (first + 7) + "x" + (next - first) + "@12");
        }
        first = p;
      }
      next = p + 1;
    }
    if (first >= 0) {
      runs.add(first + ">" + (first + 7) + "x" + (next - first) + "@12");
    }
    return runs;
  }
}
