package dev.mapstorm.persistence.report;

import dev.mapstorm.actors.backend.iommu.FlushSpec;
import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.host.RandomHosts;
import dev.mapstorm.actors.host.TestHosts;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.persistence.analysis.AnalysisOptions;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Every figure of a report is the one that {@link RecomputedFigures} finds in the same events,
 * wherever the run ends: a stream that is cut anywhere is that of a run that was stopped there.
 */
class ReportProperties {

  /** Any machine: recorded clients whose mappings last, failures, coherent memory, small caches. */
  @Property(tries = 100)
  void shouldSayOfAnyHostWhatItsEventsSay(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 1000) int permille) {
    check(RandomHosts.host(seed), permille);
  }

  /**
   * CPUs that meet on the tree, the rings, domains and their unit, in a run that ends among them.
   */
  @Property(tries = 100)
  void shouldSayOfCrowdedLocksWhatTheirEventsSay(
      @ForAll IommuMode mode,
      @ForAll MapApi api,
      @ForAll boolean singleRing,
      @ForAll boolean caches,
      @ForAll @IntRange(min = 1, max = 24) int clients,
      @ForAll @IntRange(min = 500, max = 90_000) int endNs,
      @ForAll @IntRange(min = 1, max = 1000) int permille) {
    check(
        TestHosts.nvme()
            .mode(mode)
            .api(api.compareTo(MapApi.IOVA) > 0 ? MapApi.SG : api)
            .workload(4 * 4096, 4096, 0)
            .clients(clients)
            .cpus(clients)
            .domains(1 + clients % 4)
            .flush(new FlushSpec(singleRing, 4, 5_000, clients % 3 == 0))
            .iova(new IovaParameters(2, caches ? 5 : -1, 1, IovaParameters.ONLINE_CPUS))
            .load(new LoadSpec.ClosedLoop(3, 0))
            .end(endNs)
            .build(),
        permille);
  }

  private static void check(HostSpec host, int permille) {
    List<Event> events = new ArrayList<>();
    EventRecorder recorder = new EventRecorder(events::add);
    new BareLoop(host, words -> words.forEach(recorder)).run();
    check(events);
    check(events.subList(0, (int) ((long) events.size() * permille / 1000)));
  }

  private static void check(List<Event> events) {
    RunAnalysis analysis = new RunAnalysis(new AnalysisOptions(10_000, 8, 10, 100_000));
    events.forEach(event -> event.to(analysis.host(0)));
    RecomputedFigures figures = new RecomputedFigures(events);
    figures.assertIn(analysis.result());
  }
}
