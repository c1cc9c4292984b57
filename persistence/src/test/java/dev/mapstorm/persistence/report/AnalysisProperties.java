package dev.mapstorm.persistence.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.persistence.analysis.client.RequestAnalysis;
import dev.mapstorm.persistence.analysis.device.TranslationAnalysis;
import dev.mapstorm.persistence.analysis.exposure.ExposureAnalysis;
import dev.mapstorm.persistence.analysis.extent.ExtentAnalysis;
import dev.mapstorm.persistence.analysis.flush.FlushAnalysis;
import dev.mapstorm.persistence.analysis.invalidation.InvalidationAnalysis;
import dev.mapstorm.persistence.analysis.latency.LatencyAnalysis;
import dev.mapstorm.persistence.replay.Runs;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** What must hold of the analysis of any simulated run. */
class AnalysisProperties {

  @Provide
  Arbitrary<Runs> runs() {
    Arbitrary<IommuMode> mode = Arbitraries.of(IommuMode.values());
    Arbitrary<MapApi> api = Arbitraries.of(MapApi.PAGE, MapApi.SG, MapApi.BATCH, MapApi.IOVA);
    Arbitrary<Integer> pages = Arbitraries.of(1, 3, 16, 40);
    Arbitrary<Integer> offset = Arbitraries.of(0, 0, 512);
    Arbitrary<Boolean> open = Arbitraries.of(true, false);
    Arbitrary<Integer> ring = Arbitraries.of(4, 256);
    Arbitrary<Long> seed = Arbitraries.longs();
    return Combinators.combine(mode, api, pages, offset, open, ring, seed)
        .as(
            (m, a, p, o, l, r, x) ->
                Runs.nvme()
                    .mode(m)
                    .api(a)
                    .pages(p, 1, o)
                    .clients(3)
                    .domains(2)
                    .flush(r, 50_000)
                    .load(
                        l
                            ? new LoadSpec.OpenLoop(400_000, true, 4, 0)
                            : new LoadSpec.ClosedLoop(5, 0))
                    .end(250_000)
                    .seed(x));
  }

  @Property(tries = 25)
  void shouldNotDependOnHowHostsAreSpreadOverAnalyses(
      @ForAll @Size(min = 2, max = 4) List<@net.jqwik.api.From("runs") Runs> runs,
      @ForAll Random random) {
    List<List<Event>> streams = new ArrayList<>();
    runs.forEach(run -> streams.add(run.events()));

    RunAnalysis whole = new RunAnalysis();
    int[] next = new int[streams.size()];
    List<Integer> open = new ArrayList<>();
    for (int host = 0; host < streams.size(); host++) {
      open.add(host);
    }
    while (!open.isEmpty()) {
      int host = open.get(random.nextInt(open.size()));
      List<Event> stream = streams.get(host);
      for (int n = random.nextInt(500); n >= 0 && next[host] < stream.size(); n--) {
        stream.get(next[host]++).to(whole.host(host));
      }
      if (next[host] == stream.size()) {
        open.remove((Integer) host);
      }
    }

    RunAnalysis[] parts = {new RunAnalysis(), new RunAnalysis()};
    for (int host = 0; host < streams.size(); host++) {
      RunAnalysis part = parts[random.nextInt(2)];
      int number = host;
      streams.get(host).forEach(event -> event.to(part.host(number)));
    }
    parts[1].merge(parts[0]);
    assertThat(parts[1].result()).isEqualTo(whole.result());
  }

  @Property(tries = 25)
  void shouldSumWhatTheEventsSay(@ForAll("runs") Runs run) {
    List<Event> events = run.events();
    RunAnalysis analysis = new RunAnalysis();
    events.forEach(event -> event.to(analysis.host(0)));
    AnalysisResult result = analysis.result();

    assertThat(result.of(ExtentAnalysis.EXTENT).events()).isEqualTo(events.size());
    assertThat(result.of(RequestAnalysis.REQUESTS).requested())
        .isEqualTo(of(events, Event.DmaRequested.class).count());
    assertThat(result.of(RequestAnalysis.REQUESTS).done())
        .isEqualTo(of(events, Event.RequestDone.class).count());
    assertThat(result.of(RequestAnalysis.REQUESTS).bytes())
        .isEqualTo(sum(events, Event.RequestDone.class, Event.RequestDone::bytes));
    assertThat(result.of(RequestAnalysis.REQUESTS).latency().sum())
        .isEqualTo(sum(events, Event.RequestDone.class, Event.RequestDone::latencyNs));
    Map<List<Long>, Event.CallEntered> calls = new HashMap<>();
    of(events, Event.CallEntered.class)
        .forEach(call -> calls.put(List.of((long) call.domain(), call.call()), call));
    assertThat(result.of(RequestAnalysis.REQUESTS).unmapCallNs())
        .isEqualTo(
            sum(
                events,
                Event.Unmapped.class,
                e -> e.t() - calls.get(List.of((long) e.domain(), e.call())).t()));
    // A call that is declined and the one that follows it are one to the client.
    assertThat(result.of(RequestAnalysis.REQUESTS).mapCallNs())
        .isGreaterThanOrEqualTo(
            sum(
                events,
                Event.Mapped.class,
                e -> e.t() - calls.get(List.of((long) e.domain(), e.call())).t()));
    assertThat(result.of(InvalidationAnalysis.INVALIDATIONS).latency().sum())
        .isEqualTo(
            sum(events, Event.InvalidationCompleted.class, Event::t)
                - of(events, Event.InvalidationPosted.class)
                    .filter(posted -> isCompleted(events, posted))
                    .mapToLong(Event::t)
                    .sum());
    assertThat(result.of(FlushAnalysis.FLUSH_QUEUES).queued())
        .isEqualTo(of(events, Event.FlushQueued.class).count());
    assertThat(result.of(TranslationAnalysis.TRANSLATION).total().pages())
        .isEqualTo(sum(events, Event.Translated.class, Event.Translated::pages));
    long mapped = sum(events, Event.PtesMapped.class, Event.PtesMapped::pages);
    if (mapped > 0
        && result.of(ExtentAnalysis.EXTENT).kinds().stream()
            .noneMatch(k -> k.kind().equals("map-failed"))) {
      // Ranges that are being mapped when the run ends are no mappings.
      assertThat(result.of(RequestAnalysis.REQUESTS).mappedPages())
          .isBetween(mapped - 3 * 40, mapped);
    }
  }

  @Property(tries = 25)
  void shouldTileEveryLatencyWithoutGap(@ForAll("runs") Runs run) {
    RunAnalysis analysis = new RunAnalysis();
    run.feed(analysis.host(0));
    AnalysisResult result = analysis.result();
    long sum = 0;
    for (LatencyAnalysis.Latency kind : result.of(LatencyAnalysis.LATENCY)) {
      assertThat(kind.phases().stream().mapToLong(phase -> phase.time().sum()).sum())
          .isEqualTo(kind.total().sum());
      assertThat(kind.phases()).allMatch(phase -> phase.time().count() == kind.total().count());
      sum += kind.total().sum();
    }
    assertThat(sum).isEqualTo(result.of(RequestAnalysis.REQUESTS).latency().sum());
  }

  /** In a strict host every cleared range is invalidated, in a lazy one queued, exactly once. */
  @Property(tries = 25)
  void shouldAccountForEveryClearedRange(@ForAll("runs") Runs run) {
    List<Event> events = run.events();
    RunAnalysis analysis = new RunAnalysis();
    events.forEach(event -> event.to(analysis.host(0)));
    ExposureAnalysis.Exposure exposure = analysis.result().of(ExposureAnalysis.EXPOSURE);
    long cleared = of(events, Event.PtesCleared.class).count();
    long queued = of(events, Event.FlushQueued.class).count();
    assertThat(exposure.lazy().count() + exposure.stillQueued()).isEqualTo(queued);
    long flushes = of(events, Event.FlushStarted.class).count();
    if (queued == 0 && flushes == 0) {
      long invalidated = of(events, Event.InvalidationCompleted.class).count();
      assertThat(exposure.strict().count()).isEqualTo(invalidated);
      // A call in hand at the end has cleared and not yet invalidated: at most one a CPU.
      assertThat(cleared - invalidated).isBetween(0L, 3L);
    }
  }

  @Property(tries = 20)
  void shouldFitTheTerminal(@ForAll("runs") Runs run) {
    RunAnalysis analysis = new RunAnalysis();
    run.feed(analysis.host(0));
    assertThat(ReportText.of(analysis.result(), 10).lines())
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
  }

  private static boolean isCompleted(List<Event> events, Event.InvalidationPosted posted) {
    return of(events, Event.InvalidationCompleted.class)
        .anyMatch(done -> done.iommu() == posted.iommu() && done.ticket() == posted.ticket());
  }

  private static <T extends Event> Stream<T> of(List<Event> events, Class<T> kind) {
    return events.stream().filter(kind::isInstance).map(kind::cast);
  }

  private static <T extends Event> long sum(
      List<Event> events, Class<T> kind, ToLongFunction<T> value) {
    return of(events, kind).mapToLong(value).sum();
  }
}
