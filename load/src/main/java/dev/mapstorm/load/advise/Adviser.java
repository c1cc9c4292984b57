package dev.mapstorm.load.advise;

import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.advise.Advice.Assumptions;
import dev.mapstorm.load.advise.Advice.Refused;
import dev.mapstorm.load.advise.Advice.Turning;
import dev.mapstorm.load.compare.Comparison;
import dev.mapstorm.load.run.RunMemory;
import dev.mapstorm.load.scenario.FigureName;
import dev.mapstorm.load.scenario.NearestName;
import dev.mapstorm.load.scenario.PricedHost;
import dev.mapstorm.load.scenario.ProfileFigure;
import dev.mapstorm.load.scenario.Scenario;
import dev.mapstorm.load.scenario.ScenarioException;
import dev.mapstorm.load.sweep.Estimate;
import dev.mapstorm.load.sweep.VariantRun;
import dev.mapstorm.load.threshold.Measured;
import dev.mapstorm.load.threshold.Verdict;
import dev.mapstorm.load.threshold.Verdicts;
import dev.mapstorm.persistence.analysis.FigureUnit;
import dev.mapstorm.persistence.analysis.RunFigure;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;

/**
 * Searches for what keeps the conditions of a goal and has the best of its figure. What is tried is
 * fixed ({@link Dimensions}), the order in which runs end changes nothing, and nothing is
 * journaled. {@link #stop} may be called from any thread, the rest from one; once only.
 */
public final class Adviser implements AutoCloseable {
  /** Of the first variants, so many are looked around. */
  private static final int LOOKED_AROUND = 3;

  /** What differs by less, of the value, is as good, whatever the seeds say. */
  private static final double SAME = 0.001;

  private static final int REASONS = 4;

  /** Hears how far it is. */
  @FunctionalInterface
  public interface Progress {
    /** So many of the runs that are planned so far have ended. */
    void ran(int ended, int planned);
  }

  private final Goal goal;
  private final BiFunction<Map<String, String>, Long, Scenario> scenarios;
  private final List<Long> seeds;
  private final Progress progress;
  private final ExecutorService pool;
  private final Map<Map<String, String>, Tried> tried = new LinkedHashMap<>();
  private final List<Refused> refused = new ArrayList<>();
  private String figure;
  private FigureUnit unit;
  private int ended;
  private int planned;
  private volatile boolean stopped;

  /**
   * An adviser that has not begun.
   *
   * @param scenarios a scenario by the settings over it and its seed; throws a {@link
   *     ScenarioException} if it is none
   * @param seeds of each variant, at least one
   * @param threads that simulate
   */
  public Adviser(
      Goal goal,
      BiFunction<Map<String, String>, Long, Scenario> scenarios,
      List<Long> seeds,
      int threads,
      Progress progress) {
    this.goal = goal;
    this.scenarios = scenarios;
    this.seeds = List.copyOf(seeds);
    this.progress = progress;
    pool =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "advise");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Ends it early. */
  public void stop() {
    stopped = true;
  }

  @Override
  public void close() {
    stopped = true;
    pool.shutdown();
  }

  /**
   * Does it.
   *
   * @param more keys and values to try beside what is tried anyway
   * @throws CancellationException if it was stopped
   * @throws ScenarioException if the scenario itself is none, or the goal's figure is none of its
   *     figures
   */
  public Advice advise(Map<String, List<String>> more) throws InterruptedException {
    String name = scenarios.apply(Map.of(), seeds.get(0)).name();
    List<Map<String, String>> first = Dimensions.first(goal.settings(), more);
    tryAll(List.of(Map.of()), true);
    boolean known = resolve();
    tryAll(first, false);
    if (!known && !resolve()) {
      List<String> names = means().stream().map(Measured::figure).distinct().toList();
      throw new ScenarioException(
          "\"%s\" names no figure of the scenario%s; mapstorm compare --all names them"
              .formatted(goal.figure(), NearestName.hint(goal.figure(), names)));
    }
    judgeAll();
    Tried asItIs = tried.get(Map.of());
    for (Map<String, String> variant : worthLookingAround()) {
      tryAll(Dimensions.around(variant, goal.settings()), false);
      judgeAll();
      tryAll(List.of(together(variant)), false);
      judgeAll();
    }
    return advice(name, asItIs);
  }

  /**
   * The best that keep the conditions, and the best of each policy, which a smaller size may let
   * keep them.
   */
  private Set<Map<String, String>> worthLookingAround() {
    Set<Map<String, String>> variants = new LinkedHashSet<>();
    ranked().stream().limit(LOOKED_AROUND).forEach(each -> variants.add(each.settings()));
    Set<String> policies = new LinkedHashSet<>();
    tried.values().stream()
        .filter(each -> each.value() != null && !each.settings().isEmpty())
        .sorted(byValue())
        .filter(each -> policies.add(Dimensions.policy(each.settings())))
        .forEach(each -> variants.add(each.settings()));
    variants.remove(Map.of());
    return variants;
  }

  /** A variant with the best value of each key that was tried around it, where that helped. */
  private Map<String, String> together(Map<String, String> variant) {
    Map<String, String> all = new LinkedHashMap<>(variant);
    Map<String, Tried> best = new TreeMap<>();
    for (Tried each : tried.values()) {
      if (each.isPossible()
          && each.settings().size() == variant.size() + 1
          && each.settings().entrySet().containsAll(variant.entrySet())) {
        String key =
            each.settings().keySet().stream()
                .filter(k -> !variant.containsKey(k))
                .findFirst()
                .orElseThrow();
        best.merge(key, each, (a, b) -> goal.isBetter(b.value().mean(), a.value().mean()) ? b : a);
      }
    }
    Tried plain = tried.get(variant);
    best.forEach(
        (key, each) -> {
          if (!plain.isPossible() || isClearlyBetter(each, plain)) {
            all.put(key, each.settings().get(key));
          }
        });
    return all;
  }

  private void tryAll(List<Map<String, String>> variants, boolean mustBe)
      throws InterruptedException {
    Map<Map<String, String>, List<Future<List<RunFigure>>>> runs = new LinkedHashMap<>();
    for (Map<String, String> variant : variants) {
      if (tried.containsKey(variant) || runs.containsKey(variant)) {
        continue;
      }
      List<Scenario> each = new ArrayList<>();
      try {
        for (long seed : seeds) {
          Scenario scenario = scenarios.apply(variant, seed);
          RunMemory.ofProcess(scenario).check();
          each.add(scenario);
        }
      } catch (ScenarioException e) {
        if (mustBe) {
          throw e;
        }
        if (refused.stream().noneMatch(known -> known.settings().equals(variant))) {
          refused.add(new Refused(variant, e.getMessage()));
        }
        continue;
      }
      planned += each.size();
      runs.put(variant, each.stream().map(scenario -> submit(scenario.hosts())).toList());
    }
    for (Map.Entry<Map<String, String>, List<Future<List<RunFigure>>>> each : runs.entrySet()) {
      List<List<RunFigure>> bySeed = new ArrayList<>();
      for (Future<List<RunFigure>> run : each.getValue()) {
        bySeed.add(ended(run));
      }
      tried.put(each.getKey(), new Tried(each.getKey(), null, List.of(), List.of(), bySeed));
    }
  }

  private Future<List<RunFigure>> submit(List<HostSpec> hosts) {
    return pool.submit(() -> VariantRun.figures(hosts, () -> stopped));
  }

  private <T> T ended(Future<T> run) throws InterruptedException {
    try {
      T result = run.get();
      progress.ran(++ended, planned);
      return result;
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

  private List<Measured> means() {
    return tried.values().stream().flatMap(each -> Tried.means(each.bySeed()).stream()).toList();
  }

  /** Finds out which figure the goal means; false if it is none of what was tried so far. */
  private boolean resolve() {
    List<Measured> figures = means();
    Optional<String> name;
    try {
      name =
          FigureName.one(goal.figure(), figures.stream().map(Measured::figure).distinct().toList());
    } catch (IllegalArgumentException e) {
      throw new ScenarioException(e.getMessage(), e);
    }
    name.ifPresent(
        found -> {
          figure = found;
          unit =
              figures.stream()
                  .filter(each -> each.figure().equals(found))
                  .findFirst()
                  .orElseThrow()
                  .unit();
        });
    return name.isPresent();
  }

  private void judgeAll() {
    tried.replaceAll((settings, each) -> each.value() == null ? judged(each) : each);
  }

  private Tried judged(Tried each) {
    List<Double> values = new ArrayList<>();
    each.bySeed().forEach(figures -> valueOf(figures).ifPresent(values::add));
    List<String> misses =
        Verdicts.of(goal.conditions(), "", Tried.means(each.bySeed()), false).all().stream()
            .filter(verdict -> !verdict.met())
            .map(Adviser::missed)
            .toList();
    return new Tried(
        each.settings(),
        values.size() < seeds.size() ? null : Estimate.of(values),
        values,
        misses,
        each.bySeed());
  }

  private static String missed(Verdict verdict) {
    return verdict.figure() == null
        ? "%s: not measured".formatted(verdict.threshold())
        : "%s: %s is %s"
            .formatted(
                verdict.threshold(),
                verdict.figure(),
                verdict.value() == null ? verdict.why() : verdict.unit().text(verdict.value()));
  }

  private Optional<Double> valueOf(List<RunFigure> figures) {
    return figures.stream()
        .filter(each -> each.name().equals(figure))
        .findFirst()
        .map(RunFigure::value);
  }

  private Comparator<Tried> byValue() {
    Comparator<Tried> least = Comparator.comparingDouble(each -> each.value().mean());
    return goal.most() ? least.reversed() : least;
  }

  /** Those that keep the conditions, the best first; of equal ones that with fewer settings. */
  private List<Tried> ranked() {
    return tried.values().stream()
        .filter(Tried::isPossible)
        .sorted(byValue().thenComparingInt(each -> each.settings().size()))
        .toList();
  }

  /** Whether the seeds tell the first to be better. */
  private boolean isClearlyBetter(Tried a, Tried b) {
    List<Double> differences = new ArrayList<>();
    for (int i = 0; i < seeds.size(); i++) {
      differences.add(a.values().get(i) - b.values().get(i));
    }
    Estimate difference = Estimate.of(differences);
    double noise =
        Math.max(
            difference.margin() == null ? 0 : difference.margin(),
            SAME * Math.abs(a.value().mean()));
    return Math.abs(difference.mean()) > noise && goal.isBetter(a.value().mean(), b.value().mean());
  }

  private Advice advice(String scenario, Tried asItIs) throws InterruptedException {
    List<Tried> ranked = ranked();
    List<Tried> all = new ArrayList<>(ranked);
    tried.values().stream()
        .filter(each -> each.value() != null && !each.isPossible())
        .sorted(byValue())
        .forEach(all::add);
    Tried best = null;
    List<Tried> asGood = List.of();
    Tried runnerUp = null;
    if (!ranked.isEmpty()) {
      Tried top = ranked.get(0);
      List<Tried> alike = ranked.stream().filter(each -> !isClearlyBetter(top, each)).toList();
      // The simplest of those that are as good.
      best =
          alike.stream()
              .min(Comparator.comparingInt((Tried each) -> each.settings().size()))
              .orElseThrow();
      Tried chosen = best;
      asGood =
          ranked.stream().filter(each -> each != chosen && !isClearlyBetter(chosen, each)).toList();
      runnerUp =
          ranked.stream().filter(each -> isClearlyBetter(chosen, each)).findFirst().orElse(null);
    }
    return new Advice(
        goal.text(),
        figure,
        unit,
        scenario,
        seeds.size(),
        asItIs,
        all,
        List.copyOf(refused),
        best,
        asGood,
        runnerUp,
        runnerUp == null ? null : percentWorse(runnerUp, best),
        best == null || best.settings().isEmpty() ? List.of() : why(asItIs, best),
        runnerUp == null ? null : assumptions(best, runnerUp));
  }

  private static Double percentWorse(Tried runnerUp, Tried best) {
    double of = best.value().mean();
    return of == 0 ? null : 100 * Math.abs(runnerUp.value().mean() - of) / Math.abs(of);
  }

  /** What else changed most, by the rule of comparisons. */
  private List<Comparison.Row> why(Tried asItIs, Tried best) {
    return Comparison.ofFigures(List.of(asItIs.bySeed().get(0), best.bySeed().get(0))).stream()
        .filter(row -> row.isChanged() && !row.figure().equals(figure))
        .limit(REASONS)
        .toList();
  }

  /** Both with each assumed cost at the ends of its range, with all seeds. */
  private Assumptions assumptions(Tried best, Tried runnerUp) throws InterruptedException {
    List<PricedHost> hosts = new ArrayList<>();
    try {
      for (Tried each : List.of(best, runnerUp)) {
        for (long seed : seeds) {
          hosts.add(PricedHost.of(scenarios.apply(each.settings(), seed)));
        }
      }
    } catch (ScenarioException e) {
      // A mix of machines has no one platform.
      return new Assumptions(0, List.of());
    }
    Map<Point, List<Future<List<RunFigure>>>> runs = new LinkedHashMap<>();
    List<ProfileFigure> assumed =
        hosts.get(0).platform().assumptions().stream()
            .filter(each -> each.low().compareTo(each.high()) != 0)
            .toList();
    for (ProfileFigure cost : assumed) {
      for (BigDecimal value : List.of(cost.low(), cost.high())) {
        if (value.compareTo(cost.value()) != 0) {
          submit(new Point(cost, value), hosts, runs);
        }
      }
    }
    List<Turning> turning = new ArrayList<>();
    for (Map.Entry<Point, List<Future<List<RunFigure>>>> each : runs.entrySet()) {
      List<List<RunFigure>> figures = new ArrayList<>();
      for (Future<List<RunFigure>> run : each.getValue()) {
        figures.add(ended(run));
      }
      Tried bestThere = there(best, figures.subList(0, seeds.size()));
      Tried runnerUpThere = there(runnerUp, figures.subList(seeds.size(), figures.size()));
      turn(each.getKey(), bestThere, runnerUpThere, turning);
    }
    return new Assumptions(assumed.size(), turning);
  }

  private void submit(
      Point at, List<PricedHost> hosts, Map<Point, List<Future<List<RunFigure>>>> runs) {
    List<HostSpec> priced;
    try {
      priced = hosts.stream().map(host -> host.with(at.cost().key(), at.value())).toList();
    } catch (ScenarioException e) {
      // The platform refuses the value beside the others: nothing is known of it.
      return;
    }
    planned += priced.size();
    runs.put(at, priced.stream().map(host -> submit(List.of(host))).toList());
  }

  private Tried there(Tried variant, List<List<RunFigure>> bySeed) {
    return judged(new Tried(variant.settings(), null, List.of(), List.of(), bySeed));
  }

  /** A cost at the end of its range. */
  private record Point(ProfileFigure cost, BigDecimal value) {}

  private void turn(Point at, Tried best, Tried runnerUp, List<Turning> into) {
    if (best.value() == null || runnerUp.value() == null) {
      return;
    }
    String how = null;
    if (!best.misses().isEmpty()) {
      how = best.misses().get(0);
    } else if (runnerUp.isPossible() && isClearlyBetter(runnerUp, best)) {
      how = "the runner-up is better";
    }
    if (how != null) {
      into.add(
          new Turning(
              at.cost().key(),
              at.cost().amount(at.value()),
              at.cost().amount(),
              best.value().mean(),
              runnerUp.value().mean(),
              how));
    }
  }
}
