package dev.mapstorm.load.bench;

import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.model.iova.Pci32Workaround;
import dev.mapstorm.load.conform.IovaOperation;
import dev.mapstorm.load.conform.IovaVectors;
import dev.mapstorm.load.text.TextLines;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Times the IOVA model: recorded operations are replayed again and again, each time on an empty
 * domain. Beside it runs the same loop with a plain tree, the baseline, and without any allocator,
 * which is what reading the operations costs.
 *
 * <p>The profiles are recordings of the Linux 6.12 allocator, 10 000 operations each: {@code page}
 * (single granules, freed on other CPUs than allocated), {@code mixed} (all sizes, 3 000 ranges
 * live) and {@code big} (mostly above the cached sizes, so the tree).
 */
public final class IovaBench {
  private static final List<String> PROFILES = List.of("page", "mixed", "big");
  private static final int DEVICE = 0;

  /** Time of this thread on a CPU, so that other load on the machine counts as little as it can. */
  private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

  private final IovaVectors vectors;
  private long[] sizes = new long[1 << 10];
  private long[] limits = new long[1 << 10];
  private long[] pfns = new long[1 << 10];
  private int[] allocatedBy;
  private int[] cpus = new int[1 << 10];
  private int operations;

  /**
   * A measured profile.
   *
   * @param profile its name
   * @param cpus of the domain
   * @param operations of one replay
   * @param nanosPerOperation CPU time, median over the rounds, including the empty domain of each
   *     replay
   * @param plainNanosPerOperation the same of {@link PlainIovas} in the place of the domain
   * @param bareNanosPerOperation the same of the loop without either
   */
  public record Timing(
      String profile,
      int cpus,
      int operations,
      double nanosPerOperation,
      double plainNanosPerOperation,
      double bareNanosPerOperation) {}

  private IovaBench(String profile) {
    String resource = "iova-" + profile + ".csv.gz";
    InputStream stream = IovaBench.class.getResourceAsStream(resource);
    if (stream == null) {
      throw new IllegalStateException("the recording " + resource + " is not in the class path");
    }
    try (TextLines lines = TextLines.of(resource, stream)) {
      vectors = new IovaVectors(lines);
      while (vectors.advance()) {
        add(vectors.operation());
      }
    }
    allocatedBy = new int[operations];
    Map<Long, Integer> live = new HashMap<>();
    for (int i = 0; i < operations; i++) {
      if (limits[i] > 0) {
        live.put(pfns[i], i);
      } else {
        allocatedBy[i] = live.remove(pfns[i]);
      }
    }
  }

  /**
   * Times all profiles.
   *
   * @param rounds of which the median is taken, 1 or more; as many run before to warm up
   * @param replaysPerRound 1 or more; 100 take some 0.1 s
   * @throws IllegalArgumentException if either is below 1
   */
  public static List<Timing> run(int rounds, int replaysPerRound) {
    if (rounds < 1 || replaysPerRound < 1) {
      throw new IllegalArgumentException(
          rounds + " rounds of " + replaysPerRound + " replays: both must be 1 or more");
    }
    return PROFILES.stream()
        .map(profile -> new IovaBench(profile).time(profile, rounds, replaysPerRound))
        .toList();
  }

  private Timing time(String profile, int rounds, int replays) {
    double[] model = new double[rounds];
    double[] plain = new double[rounds];
    double[] bare = new double[rounds];
    long check = 0;
    for (int round = -rounds; round < rounds; round++) {
      long start = CLOCK.getCurrentThreadCpuTime();
      for (int i = 0; i < replays; i++) {
        check += replay();
      }
      long middle = CLOCK.getCurrentThreadCpuTime();
      for (int i = 0; i < replays; i++) {
        check -= read();
      }
      long end = CLOCK.getCurrentThreadCpuTime();
      for (int i = 0; i < replays; i++) {
        replayPlain();
      }
      long after = CLOCK.getCurrentThreadCpuTime();
      if (round >= 0) {
        plain[round] = (double) (after - end) / ((double) replays * operations);
        model[round] = (double) (middle - start) / ((double) replays * operations);
        bare[round] = (double) (end - middle) / ((double) replays * operations);
      }
    }
    if (check != 0) {
      throw new IllegalStateException(
          "profile " + profile + ": the model gave other frames than the recording holds");
    }
    return new Timing(
        profile, vectors.cpus(), operations, median(model), median(plain), median(bare));
  }

  /** Runs all operations on an empty domain; returns the sum of all frames given. */
  private long replay() {
    IovaDomain domain = vectors.newDomain();
    Pci32Workaround workaround = Pci32Workaround.of(1, vectors.pci32());
    long sum = 0;
    for (int i = 0; i < operations; i++) {
      if (limits[i] > 0) {
        sum += domain.allocForDevice(cpus[i], sizes[i], limits[i], DEVICE, workaround);
      } else {
        domain.freeFast(cpus[i], pfns[i], sizes[i]);
      }
    }
    return sum;
  }

  /** Runs all operations on {@link PlainIovas}, which gives other frames. */
  private void replayPlain() {
    PlainIovas plain = new PlainIovas();
    long[] given = new long[operations];
    for (int i = 0; i < operations; i++) {
      if (limits[i] > 0) {
        given[i] = plain.allocate(sizes[i], limits[i]);
      } else if (given[allocatedBy[i]] >= 0) {
        plain.free(given[allocatedBy[i]]);
      }
    }
  }

  /** Reads all operations; returns the sum of all frames recorded as given. */
  private long read() {
    long sum = 0;
    for (int i = 0; i < operations; i++) {
      if (limits[i] > 0) {
        sum += pfns[i];
      }
    }
    return sum;
  }

  private void add(IovaOperation operation) {
    if (operation.kind() == IovaOperation.Kind.GC) {
      throw new IllegalStateException("the recordings that are timed hold no gc");
    }
    if (operations == cpus.length) {
      sizes = Arrays.copyOf(sizes, 2 * operations);
      limits = Arrays.copyOf(limits, 2 * operations);
      pfns = Arrays.copyOf(pfns, 2 * operations);
      cpus = Arrays.copyOf(cpus, 2 * operations);
    }
    sizes[operations] = operation.size();
    limits[operations] = operation.limitPfn();
    pfns[operations] = operation.pfn();
    cpus[operations] = operation.cpu();
    operations++;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
