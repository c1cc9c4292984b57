package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.backend.iommu.FlushSpec;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.JournalSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * What must hold in every host, whatever it is made of. jqwik prints the seed of a failure;
 * {@code @Property(seed = "…")} repeats it.
 */
class HostInvariantsTest {

  static List<Event> run(HostSpec spec) {
    List<Event> events = new ArrayList<>();
    EventRecorder recorder = new EventRecorder(events::add);
    new BareLoop(spec, words -> words.forEach(recorder)).run();
    return events;
  }

  @Provide
  Arbitrary<HostSpec> hosts() {
    Arbitrary<IommuMode> mode = Arbitraries.of(IommuMode.values());
    Arbitrary<MapApi> api = Arbitraries.of(MapApi.PAGE, MapApi.SG, MapApi.BATCH, MapApi.IOVA);
    Arbitrary<Integer> pages =
        Arbitraries.oneOf(Arbitraries.integers().between(1, 70), Arbitraries.of(768, 1025));
    Arbitrary<Integer> segment = Arbitraries.of(4096, 8192, 65536, 2 << 20);
    Arbitrary<Integer> offset = Arbitraries.of(0, 0, 512, 4095);
    Arbitrary<Integer> clients = Arbitraries.integers().between(1, 5);
    Arbitrary<Integer> ring = Arbitraries.of(2, 8, 256);
    Arbitrary<Long> seed = Arbitraries.longs();
    return Combinators.combine(mode, api, pages, segment, offset, clients, ring, seed)
        .as(
            (m, a, p, s, o, c, r, x) ->
                TestHosts.nvme()
                    .mode(m)
                    .api(a)
                    .workload(p * 4096, Math.min(s, p * 4096), o)
                    .clients(c)
                    .seed(x)
                    .batchCapacity(64 * 1024)
                    .load(new LoadSpec.ClosedLoop(6, 0))
                    .flush(new FlushSpec(r == 8, r, 100_000, c % 2 == 0))
                    .journal(new JournalSpec(true, 500, 1_000_000, 2, 0))
                    .end(600_000 + p * 2_000L)
                    .build());
  }

  @Property(tries = 150)
  void shouldNeverReuseAnAddressThatTheIotlbMayStillKnow(@ForAll("hosts") HostSpec spec) {
    AddressLife life = new AddressLife();
    run(spec).forEach(event -> event.to(life));
    assertThat(life.violations()).isEmpty();
  }

  @Property(tries = 60)
  void shouldKeepInstantsInOrderAndFinishWhatItStarts(@ForAll("hosts") HostSpec spec) {
    List<Event> events = run(spec);
    long before = 0;
    long requested = 0;
    long done = 0;
    long failed = 0;
    for (Event event : events) {
      assertThat(event.t()).isGreaterThanOrEqualTo(before);
      before = event.t();
      requested += event instanceof Event.DmaRequested ? 1 : 0;
      done += event instanceof Event.RequestDone ? 1 : 0;
      failed += event instanceof Event.MapFailed || event instanceof Event.Faulted ? 1 : 0;
    }
    assertThat(failed).isZero();
    assertThat(done).isGreaterThanOrEqualTo(isShort(spec) ? 1 : 0);
    assertThat(requested - done).isBetween(0L, 6L * spec.clients().size());
  }

  /** Whether a request is small enough to be done before the host ends. */
  private static boolean isShort(HostSpec spec) {
    return ((ClientSpec.Synthetic) spec.clients().get(0)).workload().bytes() <= 70 * 4096;
  }
}
