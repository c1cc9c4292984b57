package dev.mapstorm.load.calibrate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counters of units, of {@code perf stat -x,} with or without {@code -I 1000}: those of VT-d give
 * the reads and the time of a walk (by Little's law: walks under way over walks begun), those of
 * AMD-Vi and the SMMUv3 its reads. Lines whose counter was not counted are passed over.
 */
final class UnitCounters implements Instrument {
  private static final Pattern EVENT =
      Pattern.compile("(dmar\\d+|amd_iommu_\\d+|smmuv3_pmcg_\\w+)/(?:event=)?(\\w+)[^/]*/");
  private static final Pattern TIME = Pattern.compile("\\s*(\\d+\\.\\d{6,})");

  /** Fewer misses are the machine's background. */
  private static final double LEAST_MISSES = 10_000;

  private static final double HALF_WIDTH = 0.1;

  @Override
  public List<Finding> read(MeasuredFile file) {
    Map<String, Double> sums = new TreeMap<>();
    Set<String> units = new TreeSet<>();
    double seconds = 0;
    String at = null;
    for (int i = 0; i < file.lines().size(); i++) {
      String[] fields = file.lines().get(i).split(",");
      int event = event(fields);
      if (event > 0) {
        Matcher name = EVENT.matcher(fields[event]);
        Matcher time = TIME.matcher(fields[0]);
        String count = fields[event >= 3 && time.matches() ? 1 : 0].strip();
        if (name.lookingAt() && count.matches("\\d+")) {
          units.add(name.group(1));
          sums.merge(name.group(2), Double.parseDouble(count), Double::sum);
          seconds = time.matches() ? Math.max(seconds, Double.parseDouble(time.group(1))) : seconds;
          at = at == null ? file.at(i) : at;
        }
      }
    }
    return at == null ? List.of() : findings(sums, seconds * units.size(), at);
  }

  private static int event(String[] fields) {
    for (int i = 1; i < fields.length; i++) {
      if (EVENT.matcher(fields[i]).lookingAt()) {
        return i;
      }
    }
    return -1;
  }

  private static List<Finding> findings(Map<String, Double> sums, double unitSeconds, String at) {
    List<Finding> found = new ArrayList<>();
    double misses =
        sums.containsKey("iotlb_lookup")
            ? sums.get("iotlb_lookup") - sums.getOrDefault("iotlb_hit", 0.0)
            : sums.getOrDefault("mem_iommu_tlb_pte_mis", sums.getOrDefault("tlb_miss", 0.0));
    if (misses < LEAST_MISSES) {
      throw new CalibrationException(
          "%s: %.0f misses of the IOTLB are too few to tell a walk: measure while a device is busy"
              .formatted(at, Math.max(0, misses)));
    }
    Double reads =
        sums.getOrDefault(
            "iommu_mrds",
            sums.getOrDefault("page_tbl_read_tot", sums.get("trans_table_walk_access")));
    if (reads == null) {
      return found;
    }
    double each = reads / misses;
    found.add(
        new Finding(
            "walk-reads",
            Math.max(1, Math.round(each)),
            Math.abs(each - Math.round(each)) + HALF_WIDTH,
            "counters of the unit: %.2f reads a miss".formatted(each),
            at));
    Double occupancy = sums.get("pw_occupancy");
    Double clocks = sums.get("iommu_clocks");
    if (occupancy != null && clocks != null && clocks > 0 && unitSeconds > 0) {
      double walkNs = occupancy / misses * (unitSeconds * 1e9 / clocks);
      double readNs = walkNs / Math.max(1, Math.round(each));
      found.add(
          new Finding(
              "walk-read",
              readNs,
              HALF_WIDTH * readNs,
              "counters of the unit: a walk of %.0f ns, %.1f under way"
                  .formatted(walkNs, occupancy / clocks),
              at));
    }
    return found;
  }
}
