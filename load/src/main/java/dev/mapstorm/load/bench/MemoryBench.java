package dev.mapstorm.load.bench;

import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.protocol.event.EventKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Memory of a long run: 256 clients on one host, 10 million strict 4 KiB requests, journaled. The
 * resident memory of the process is read at every tenth of the way, so that growth would be seen;
 * the baseline is what it was at the first tenth.
 */
public final class MemoryBench {
  private static final int CLIENTS = 256;
  private static final long REQUESTS = 10_000_000;
  private static final int SAMPLES = 10;
  private static final double KIB_PER_MIB = 1024.0;

  private final Consumer<String> progress;
  private final List<Double> residentMiB = new ArrayList<>();
  private long done;

  /** A bench; {@code progress} hears how far it is. */
  public MemoryBench(Consumer<String> progress) {
    this.progress = progress;
  }

  /** Runs it; takes minutes. */
  public BenchResult run() {
    HostSpec spec =
        new ScenarioLoader("bench")
            .set("clients=" + CLIENTS)
            .set("client.depth=32")
            .set("client.requests=" + REQUESTS / CLIENTS)
            .set("device.bandwidth=100GB/s")
            .set("--duration", "duration", "100s")
            .load("nvme-4k")
            .hosts()
            .get(0);
    ScratchJournal.with(
        store ->
            BenchedHost.simulated(
                spec,
                store.pekkoConfig(),
                (events, batch) -> count(batch.count(EventKind.REQUEST_DONE)),
                simulation -> simulation.result().toCompletableFuture().get()));
    double first = residentMiB.get(1);
    double last = residentMiB.get(residentMiB.size() - 1);
    return new BenchResult(
        "resident memory, %d clients, %d M requests".formatted(CLIENTS, REQUESTS / 1_000_000),
        "MiB",
        last,
        "after two tenths, when the heap is in use",
        first,
        first / last,
        0.9,
        "MiB at each tenth: " + residentMiB.stream().map(mib -> "%.0f".formatted(mib)).toList());
  }

  private void count(int more) {
    done += more;
    while (residentMiB.size() < SAMPLES
        && done >= (residentMiB.size() + 1) * (REQUESTS / CLIENTS * CLIENTS / SAMPLES)) {
      residentMiB.add(resident());
      progress.accept(
          "memory: %d of %d M requests, %.0f MiB"
              .formatted(done / 1_000_000, REQUESTS / 1_000_000, resident()));
    }
  }

  /** VmRSS of this process, from proc(5). */
  private static double resident() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) / KIB_PER_MIB;
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "resident memory is read from /proc/self/status, which is not there", e);
    }
    throw new IllegalStateException("/proc/self/status has no VmRSS");
  }
}
