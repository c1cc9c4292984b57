package dev.mapstorm.load.calibrate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Histograms of a function's time in nanoseconds: of bpftrace, whose map is named like the function
 * ({@code @qi_submit_sync:} or {@code @ns[qi_submit_sync]:}), and of bcc's funclatency after a line
 * {@code # function NAME}. The median is taken, between the ends of its bin by their logarithms;
 * that of a function that does nothing, {@code iommu_flush_write_buffer} or {@code nothing}, is the
 * probe's own time.
 */
final class LatencyHistogram implements Instrument {
  private static final Pattern NAMED =
      Pattern.compile("@(\\w+):|@\\w*\\[(\\w+)\\]:|#\\s*function\\s+(\\w+).*");
  private static final Pattern BPFTRACE =
      Pattern.compile("[\\[(](\\d+)([KMG]?), (\\d+)([KMG]?)\\)\\s+(\\d+)(?:\\s.*)?");
  private static final Pattern BCC =
      Pattern.compile("(\\d+)\\s+->\\s+(\\d+)\\s*:\\s*(\\d+)(?:\\s.*)?");
  private static final Pattern UNIT = Pattern.compile("(nsecs|usecs|msecs)\\s*: count.*");
  private static final int LEAST_CALLS = 100;
  private static final int FUNCTIONS = 1000;

  /** A bin of twice its beginning tells no more. */
  private static final double HALF_WIDTH = 0.25;

  /** What a pair of kernel probes takes, where nothing shows it. */
  private static final double PROBE_NS = 500;

  /** Counts of a function. */
  private static final class Bins {
    final List<double[]> bins = new ArrayList<>();
    String at;

    double count() {
      return bins.stream().mapToDouble(bin -> bin[2]).sum();
    }

    double median() {
      double left = count() / 2;
      for (double[] bin : bins) {
        if (left <= bin[2]) {
          double from = Math.max(1, bin[0]);
          return from * Math.pow(Math.max(from, bin[1]) / from, left / bin[2]);
        }
        left -= bin[2];
      }
      return 0;
    }
  }

  @Override
  public List<Finding> read(MeasuredFile file) {
    Map<String, Bins> functions = new LinkedHashMap<>();
    Bins of = null;
    double unit = 1;
    for (int i = 0; i < file.lines().size(); i++) {
      String line = file.lines().get(i).strip();
      Matcher named = NAMED.matcher(line);
      Matcher units = UNIT.matcher(line);
      double[] bin = bin(line, unit);
      if (named.matches() && functions.size() < FUNCTIONS) {
        String name =
            named.group(1) != null
                ? named.group(1)
                : named.group(2) != null ? named.group(2) : named.group(3);
        of = new Bins();
        of.at = file.at(i);
        functions.put(name, of);
        unit = 1;
      } else if (units.matches()) {
        unit = Map.of("nsecs", 1.0, "usecs", 1e3, "msecs", 1e6).get(units.group(1));
      } else if (bin != null && of != null) {
        of.bins.add(bin);
      }
    }
    return findings(functions);
  }

  private static double[] bin(String line, double unit) {
    Matcher bpftrace = BPFTRACE.matcher(line);
    if (bpftrace.matches()) {
      return new double[] {
        number(bpftrace.group(1), bpftrace.group(2)),
        number(bpftrace.group(3), bpftrace.group(4)),
        Double.parseDouble(bpftrace.group(5))
      };
    }
    Matcher bcc = BCC.matcher(line);
    return bcc.matches()
        ? new double[] {
          Double.parseDouble(bcc.group(1)) * unit,
          (Double.parseDouble(bcc.group(2)) + 1) * unit,
          Double.parseDouble(bcc.group(3))
        }
        : null;
  }

  private static double number(String digits, String suffix) {
    return Double.parseDouble(digits) * Math.pow(1024, " KMG".indexOf((suffix + " ").charAt(0)));
  }

  private static List<Finding> findings(Map<String, Bins> functions) {
    Bins nothing = functions.getOrDefault("nothing", functions.get(KernelFunctions.NOTHING));
    double probe = nothing == null || nothing.count() < LEAST_CALLS ? Double.NaN : nothing.median();
    List<Finding> found = new ArrayList<>();
    int outermost = Integer.MAX_VALUE;
    for (Map.Entry<String, Bins> each : functions.entrySet()) {
      Optional<String> key = KernelFunctions.key(each.getKey());
      int rank = KernelFunctions.rank(each.getKey());
      if (key.isEmpty() || each.getValue().count() < LEAST_CALLS) {
        continue;
      }
      double median = each.getValue().median();
      double ns = median - (Double.isNaN(probe) ? PROBE_NS / 2 : probe);
      boolean sum = key.get().equals(Finding.INVALIDATION);
      if (ns > 0 && (!sum || rank < outermost)) {
        if (sum) {
          found.removeIf(before -> before.key().equals(Finding.INVALIDATION));
          outermost = rank;
        }
        double half =
            Math.hypot(
                HALF_WIDTH * median, Double.isNaN(probe) ? PROBE_NS / 2 : HALF_WIDTH * probe);
        found.add(
            new Finding(
                key.get(),
                ns,
                half,
                "median of a histogram of %s, %.0f calls, less %s"
                    .formatted(
                        each.getKey(),
                        each.getValue().count(),
                        Double.isNaN(probe)
                            ? "0 to %.0f ns of a probe that nothing shows".formatted(PROBE_NS)
                            : "%.0f ns of the probe".formatted(probe)),
                each.getValue().at));
      }
    }
    return found;
  }
}
