package dev.mapstorm.load.bench;

import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.persistence.replay.HostFold;
import dev.mapstorm.persistence.store.BatchDecoder;
import dev.mapstorm.persistence.store.JournalReader;
import dev.mapstorm.protocol.event.EventBatch;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reading a journal back and folding it into the state of its host, against decoding its batches
 * alone: the first is reading rows, checksums, the hash chain, decoding and the fold; the second
 * takes batches from memory apart and does nothing with their events. Both by one thread, by the
 * time that its processor spends on them.
 */
public final class FoldBench {
  private static final String SCENARIO = "nvme-4k";

  /** Verifying and folding may take as long again as decoding, and half of that. */
  private static final double RATIO_EXPECTED = 0.4;

  private final HostSpec spec;
  private final int rounds;
  private final Consumer<String> progress;

  /**
   * A bench.
   *
   * @param duration virtual time of the run that is journaled first, such as {@code 500ms}
   * @param rounds pairs that count, at least 1; one more is run before them
   * @param progress hears what is being measured
   */
  public FoldBench(String duration, int rounds, Consumer<String> progress) {
    spec =
        new ScenarioLoader("bench")
            .set("--duration", "duration", duration)
            .load(SCENARIO)
            .hosts()
            .get(0);
    this.rounds = rounds;
    this.progress = progress;
  }

  /** Measures both, in events a second of a processor's time. */
  public BenchResult run() {
    BenchResult[] result = new BenchResult[1];
    ScratchJournal.with(
        store -> {
          progress.accept("reading and folding against decoding: writing a journal");
          SimulationBench.simulate(spec, store.pekkoConfig(), (events, batch) -> {});
          result[0] = measure(store.reader());
        });
    return result[0];
  }

  private BenchResult measure(JournalReader journal) {
    List<EventBatch> batches = batches(journal);
    double[] folding = new double[rounds];
    double[] decoding = new double[rounds];
    for (int round = -1; round < rounds; round++) {
      progress.accept(
          "reading and folding against decoding, round %d of %d".formatted(round + 1, rounds));
      double decoded = eventsPerSecond(() -> decode(batches));
      double folded = eventsPerSecond(() -> fold(journal));
      if (round >= 0) {
        decoding[round] = decoded;
        folding[round] = folded;
      }
    }
    double baseline = SimulationBench.median(decoding);
    return new BenchResult(
        "journal, reading, verifying and folding",
        "events/s",
        SimulationBench.median(folding),
        "decoding its batches alone",
        baseline,
        SimulationBench.medianRatio(folding, decoding),
        RATIO_EXPECTED,
        "of one core; 8 M events/s are what time travel counts on");
  }

  private List<EventBatch> batches(JournalReader journal) {
    List<EventBatch> batches = new ArrayList<>();
    journal.forEach(
        spec.host(),
        entry -> {
          if (entry instanceof EventBatch batch) {
            batches.add(batch);
          }
          return true;
        });
    return batches;
  }

  /** Does some work and returns how many events it was for. */
  @FunctionalInterface
  private interface Work {
    long events();
  }

  private static double eventsPerSecond(Work work) {
    long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    long events = work.events();
    return events * 1e9 / (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start);
  }

  private long decode(List<EventBatch> batches) {
    BatchDecoder decoder = new BatchDecoder(spec.host());
    long events = 0;
    for (EventBatch batch : batches) {
      events += decoder.decode(batch).count();
    }
    return events;
  }

  private long fold(JournalReader journal) {
    HostFold fold = new HostFold(DmaIommuSpec.caches(spec));
    journal.replay(spec.host(), fold);
    return fold.events();
  }
}
