package dev.mapstorm.load.sweep;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioException;
import dev.mapstorm.load.scenario.ScenarioLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a sweep runs: every combination of the varied keys, each with every seed. Runs are numbered
 * variant by variant, seed by seed.
 *
 * @param version of mapstorm
 * @param scenario name or file; null with a trace alone
 * @param trace kernel trace whose requests are repeated; null without
 * @param settings {@code key=value} over the scenario, in order
 * @param vary keys and values
 * @param firstSeed the seeds are this one and those that follow it
 * @param seeds how many, at least 1
 */
public record SweepPlan(
    String version,
    @JsonInclude(JsonInclude.Include.NON_NULL) String scenario,
    @JsonInclude(JsonInclude.Include.NON_NULL) String trace,
    List<String> settings,
    List<Variation> vary,
    long firstSeed,
    int seeds) {
  /** Runs of one sweep at most. */
  static final int MOST = 100_000;

  /**
   * Keeps unmodifiable copies.
   *
   * @throws ScenarioException if it is too much, or a key is varied twice
   */
  public SweepPlan {
    settings = List.copyOf(settings);
    vary = List.copyOf(vary);
    long runs = seeds;
    for (Variation each : vary) {
      runs *= each.values().size();
      if (runs > MOST) {
        throw new ScenarioException(
            "a sweep has at most %d runs; these values and seeds are more".formatted(MOST));
      }
    }
    if (vary.stream().map(Variation::key).distinct().count() < vary.size()) {
      throw new ScenarioException("a key is varied twice: give all of its values at once");
    }
  }

  /** How many variants there are. */
  public int variants() {
    int variants = 1;
    for (Variation each : vary) {
      variants *= each.values().size();
    }
    return variants;
  }

  /** How many runs there are. */
  public int runs() {
    return variants() * seeds;
  }

  /** The variant of a run. */
  public int variantOf(int run) {
    return run / seeds;
  }

  /** The seed of a run. */
  public long seedOf(int run) {
    return firstSeed + run % seeds;
  }

  /** The varied keys with their values in a variant; the last key changes fastest. */
  public Map<String, String> settingsOf(int variant) {
    List<String> values = new ArrayList<>();
    int rest = variant;
    for (int i = vary.size() - 1; i >= 0; i--) {
      List<String> all = vary.get(i).values();
      values.add(0, all.get(rest % all.size()));
      rest /= all.size();
    }
    Map<String, String> settings = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      settings.put(vary.get(i).key(), values.get(i));
    }
    return settings;
  }

  /**
   * The scenario of a run.
   *
   * @throws ScenarioException with one sentence about what is wrong with it
   */
  public Scenario load(int run) {
    ScenarioLoader loader = new ScenarioLoader(version);
    settings.forEach(loader::set);
    settingsOf(variantOf(run)).forEach((key, value) -> loader.set("--vary " + key, key, value));
    loader.set("--seed", "seed", Long.toString(seedOf(run)));
    if (trace != null) {
      loader.trace(Path.of(trace));
    }
    return scenario == null ? loader.loadTrace() : loader.load(scenario);
  }
}
