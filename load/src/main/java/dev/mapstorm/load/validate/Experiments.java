package dev.mapstorm.load.validate;

import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Runs the scenarios of published results, without a journal, each setting once. Not thread-safe.
 */
public final class Experiments {
  private static final int STEPS_BETWEEN_LOOKS = 4096;

  /** The first part of a run in which caches fill. */
  private static final int WARM_UP = 4;

  private final String version;
  private final BooleanSupplier stopped;
  private final Map<List<String>, CallTimes> done = new HashMap<>();

  /**
   * No experiments yet.
   *
   * @param version of the program
   * @param stopped asked now and then
   */
  public Experiments(String version, BooleanSupplier stopped) {
    this.version = version;
    this.stopped = stopped;
  }

  /**
   * Puts a row beside the simulation.
   *
   * @throws CancellationException if it was stopped
   */
  public RowResult run(PublishedRow row) {
    List<CellResult> cells = new ArrayList<>();
    for (PublishedCell cell : row.cells()) {
      double simulated = figure(row, cell, cell.set());
      if (cell.less() != null) {
        simulated -= figure(row, cell, cell.less());
      }
      if (cell.over() != null) {
        simulated /= figure(row, cell, cell.over());
      }
      double off = Math.abs(simulated - cell.published());
      boolean inBand = off <= row.slack() || off <= Math.abs(cell.published()) * row.band() / 100;
      cells.add(
          new CellResult(
              cell.of(),
              cell.use().label(),
              cell.published(),
              simulated,
              simulated / cell.published(),
              inBand));
    }
    return new RowResult(row, List.copyOf(cells));
  }

  private double figure(PublishedRow row, PublishedCell cell, List<String> set) {
    return cell.figure().of(times(row.scenario(), set));
  }

  /** What is measured of a scenario's only host with these settings. */
  public CallTimes times(String scenario, List<String> set) {
    List<String> key = new ArrayList<>(set);
    key.add(0, scenario);
    CallTimes known = done.get(key);
    if (known == null) {
      ScenarioLoader loader = new ScenarioLoader(version);
      set.forEach(loader::set);
      known = execute(loader.load(scenario));
      done.put(key, known);
    }
    return known;
  }

  private CallTimes execute(Scenario scenario) {
    CallTimes times = new CallTimes(scenario.durationNs() / WARM_UP);
    BareLoop loop = new BareLoop(scenario.hosts().get(0), events -> events.forEach(times));
    boolean runs = true;
    while (runs) {
      for (int i = 0; i < STEPS_BETWEEN_LOOKS && runs; i++) {
        runs = loop.step();
      }
      if (stopped.getAsBoolean()) {
        throw new CancellationException("stopped");
      }
    }
    return times;
  }
}
