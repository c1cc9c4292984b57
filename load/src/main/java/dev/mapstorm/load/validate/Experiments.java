package dev.mapstorm.load.validate;

import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.scenario.PricedHost;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioLoader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
  private final Map<List<String>, PricedHost> priced = new HashMap<>();

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
      known = execute(load(scenario, set).hosts().get(0));
      done.put(key, known);
    }
    return known;
  }

  /**
   * The same with other figures of the platform, for which nothing is read again.
   *
   * @param values by keys of figures, such as {@code costs.tlbi}
   */
  public CallTimes times(String scenario, List<String> set, Map<String, BigDecimal> values) {
    List<String> key = new ArrayList<>(set);
    key.add(0, scenario);
    PricedHost host =
        priced.computeIfAbsent(List.copyOf(key), settings -> PricedHost.of(load(scenario, set)));
    new TreeMap<>(values).forEach((figure, value) -> key.add(figure + " " + value));
    CallTimes known = done.get(key);
    if (known == null) {
      known = execute(host.with(values));
      done.put(key, known);
    }
    return known;
  }

  private Scenario load(String scenario, List<String> set) {
    ScenarioLoader loader = new ScenarioLoader(version);
    set.forEach(loader::set);
    return loader.load(scenario);
  }

  private CallTimes execute(HostSpec host) {
    CallTimes times = new CallTimes(host.endNs() / WARM_UP);
    BareLoop loop = new BareLoop(host, events -> events.forEach(times));
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
