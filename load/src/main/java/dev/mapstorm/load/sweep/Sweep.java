package dev.mapstorm.load.sweep;

import dev.mapstorm.load.run.RunMemory;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioException;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Runs a sweep, several of its runs at a time. Which ends first changes nothing in the result.
 * {@link #stop} may be called from any thread, the rest from one.
 */
public final class Sweep {
  private static final long PROGRESS_MS = 200;

  private final SweepDirectory directory;
  private final SweepPlan plan;
  private final TreeMap<Integer, RunResult> results = new TreeMap<>();
  private final AtomicInteger next = new AtomicInteger();
  private volatile boolean stopped;

  /**
   * A sweep that is not started.
   *
   * @param directory keeps its runs; those that it holds are not run again
   */
  public Sweep(SweepDirectory directory) {
    this.directory = directory;
    plan = directory.plan();
    directory.ended().forEach(result -> results.put(result.run(), result));
  }

  /**
   * Makes sure that every variant is a scenario, before the first of them runs.
   *
   * @param progress hears how many are
   * @throws ScenarioException with one sentence about the first that is not
   */
  public static void check(SweepPlan plan, IntConsumer progress) {
    for (int variant = 0; variant < plan.variants(); variant++) {
      RunMemory.ofProcess(plan.load(variant * plan.seeds())).check();
      progress.accept(variant + 1);
    }
  }

  /** How many runs have ended, also before this process. */
  public int ended() {
    synchronized (results) {
      return results.size();
    }
  }

  /**
   * Runs what is left, until the end or until it is stopped.
   *
   * @param threads that simulate, at least 1
   * @param progress hears several times a second how many have ended
   * @throws ScenarioException if a run does not fit, or is not what it was before the sweep was
   *     stopped
   */
  public SweepResult run(int threads, IntConsumer progress) throws InterruptedException {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "sweep");
              thread.setDaemon(true);
              return thread;
            });
    try {
      Future<?>[] workers = new Future<?>[threads];
      for (int i = 0; i < threads; i++) {
        workers[i] = pool.submit(this::work);
      }
      for (Future<?> worker : workers) {
        await(worker, progress);
      }
    } finally {
      stopped = true;
      pool.shutdown();
    }
    synchronized (results) {
      return SweepResult.of(plan, results);
    }
  }

  private void await(Future<?> worker, IntConsumer progress) throws InterruptedException {
    while (true) {
      try {
        worker.get(PROGRESS_MS, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        progress.accept(ended());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        if (e.getCause() instanceof Error cause) {
          throw cause;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
  }

  private void work() {
    try {
      for (int run = take(); run >= 0; run = take()) {
        RunResult result = VariantRun.execute(run, plan.load(run), () -> stopped);
        directory.add(result);
        synchronized (results) {
          results.put(run, result);
        }
      }
    } catch (CancellationException e) {
      // What has ended is kept.
      return;
    }
  }

  /** The next run that is left; -1 without. */
  private int take() {
    while (!stopped) {
      int run = next.getAndIncrement();
      if (run >= plan.runs()) {
        return -1;
      }
      synchronized (results) {
        if (!results.containsKey(run)) {
          return run;
        }
      }
    }
    return -1;
  }

  /**
   * Makes sure that the runs that are kept are of the scenario as it is now.
   *
   * @throws ScenarioException if one is not
   */
  public void checkKept() {
    for (RunResult kept : results.values()) {
      Scenario now = plan.load(kept.run());
      if (!VariantRun.hash(now).equals(kept.hash())) {
        throw new ScenarioException(
            "%s: the scenario is not what it was when this sweep began; begin a new one"
                .formatted(directory.path()));
      }
    }
  }

  /** Ends it early; what has ended is kept. */
  public void stop() {
    stopped = true;
  }
}
