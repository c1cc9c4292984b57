package dev.mapstorm.persistence.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventWords;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What must hold of the fold of any simulated host, at any point of its stream. */
class HostFoldProperties {

  @Provide
  Arbitrary<Runs> runs() {
    Arbitrary<IommuMode> mode = Arbitraries.of(IommuMode.values());
    Arbitrary<MapApi> api = Arbitraries.of(MapApi.PAGE, MapApi.SG, MapApi.BATCH, MapApi.IOVA);
    Arbitrary<Integer> pages = Arbitraries.of(1, 3, 16, 40, 600);
    Arbitrary<Integer> segment = Arbitraries.of(1, 2, 512);
    Arbitrary<Integer> offset = Arbitraries.of(0, 0, 512);
    Arbitrary<Integer> ring = Arbitraries.of(4, 256);
    Arbitrary<Integer> magazine = Arbitraries.of(4, 127);
    Arbitrary<Long> seed = Arbitraries.longs();
    return Combinators.combine(mode, api, pages, segment, offset, ring, magazine, seed)
        .as(
            (m, a, p, s, o, r, g, x) ->
                Runs.nvme()
                    .mode(m)
                    .api(a)
                    .pages(p, s, o)
                    .clients(3)
                    .domains(2)
                    .flush(r, 100_000)
                    .magazine(g)
                    .load(new LoadSpec.ClosedLoop(5, 0))
                    .end(200_000 + p * 1_500L)
                    .seed(x));
  }

  @Property(tries = 30)
  void shouldNeverSeeARuleBroken(@ForAll("runs") Runs run) {
    HostFold fold = new HostFold(List.of(run.iova(), run.iova()));
    run.feed(fold);
    assertThat(fold.state().violations()).isEmpty();
  }

  /** Hands events over in batches of 100, as a journal does in larger ones. */
  private static void take(List<Event> events, EventsUntil until) {
    EventWords batch = new EventWords(0);
    for (Event event : events) {
      event.to(batch);
      if (batch.count() == 100) {
        until.take(batch);
        batch.clear();
      }
    }
    until.take(batch);
  }

  @Property(tries = 20)
  void shouldNameExactlyTheRangesThatAreAllocatedAndNotFreed(
      @ForAll("runs") Runs run, @ForAll @IntRange(min = 0, max = 1000) int permille) {
    List<Event> events = run.events();
    int until = (int) ((long) events.size() * permille / 1000);
    HostFold fold = new HostFold(List.of(run.iova(), run.iova()));
    take(events, new EventsUntil(fold, Moment.after(until)));
    assertThat(fold.state().events()).isEqualTo(until);
    Oracle oracle = new Oracle();
    events.subList(0, until).forEach(oracle::take);
    for (HostState.Domain domain : fold.state().domains()) {
      Set<String> ranges = new HashSet<>();
      Map<Long, Long> entries = new HashMap<>();
      for (HostState.Range range : domain.ranges()) {
        if (range.state() != RangeState.DIRECT) {
          ranges.add(range.pfn() + "+" + range.pages());
        }
      }
      for (HostState.EntryRun entry : domain.entries()) {
        for (long i = 0; i < entry.pages(); i++) {
          entries.put(entry.pfn() + i, entry.physPfn() + i);
        }
      }
      assertThat(ranges).isEqualTo(oracle.ranges(domain.domain()));
      assertThat(entries).isEqualTo(oracle.entries(domain.domain()));
      assertThat(domain.flushQueues().stream().mapToInt(ring -> ring.ranges().size()).sum())
          .isEqualTo(oracle.queued(domain.domain()));
      long cached =
          domain.cached().stream().mapToLong(HostState.Cached::ranges).sum()
              + domain.depots().stream().mapToLong(HostState.Depot::ranges).sum();
      assertThat(cached).isEqualTo(oracle.cached(domain.domain()));
    }
    assertThat(fold.state().requests()).hasSize(oracle.requests.size());
    assertThat(fold.state().invalidations()).hasSize(oracle.invalidations);
  }

  @Property(tries = 20)
  void shouldComeToTheSameStateByInstantAsByNumber(
      @ForAll("runs") Runs run, @ForAll @IntRange(min = 0, max = 300_000) int t) {
    List<Event> events = run.events();
    long before = events.stream().filter(event -> event.t() <= t).count();
    HostFold byInstant = new HostFold(List.of());
    HostFold byNumber = new HostFold(List.of());
    EventsUntil first = new EventsUntil(byInstant, Moment.at(t));
    take(events, first);
    take(events, new EventsUntil(byNumber, Moment.after(before)));
    assertThat(byInstant.state()).isEqualTo(byNumber.state());
    assertThat(first.past()).isEqualTo(before < events.size());
  }

  @Property(tries = 30)
  void shouldGoOnFromASnapshotAsIfItHadNeverBeenWritten(
      @ForAll("runs") Runs run,
      @ForAll @IntRange(min = 0, max = 1000) int permille,
      @ForAll @IntRange(min = 0, max = 1000) int later) {
    List<Event> events = run.events();
    int until = (int) ((long) events.size() * permille / 1000);
    int further = until + (int) ((long) (events.size() - until) * later / 1000);
    HostFold fold = new HostFold(List.of(run.iova(), run.iova()));
    events.subList(0, until).forEach(event -> event.to(fold));

    FoldSnapshot snapshots = new FoldSnapshot();
    HostFold restored = snapshots.read(snapshots.write(fold));

    assertThat(restored.state()).isEqualTo(fold.state());
    for (List<Event> more :
        List.of(events.subList(until, further), events.subList(further, events.size()))) {
      more.forEach(event -> event.to(fold));
      more.forEach(event -> event.to(restored));
      assertThat(restored.state()).isEqualTo(fold.state());
    }
  }

  /** The same by sets of objects. */
  private static final class Oracle {
    private final Map<Integer, Map<Long, Long>> allocated = new HashMap<>();
    private final Map<Integer, Map<Long, Long>> entries = new HashMap<>();
    private final Map<Integer, Set<Long>> queued = new HashMap<>();
    private final Map<Integer, Long> cached = new HashMap<>();
    private final Set<String> requests = new HashSet<>();
    private int invalidations;

    void take(Event event) {
      if (event instanceof Event.IovaAllocated e) {
        allocated.computeIfAbsent(e.domain(), d -> new HashMap<>()).put(e.pfn(), e.pages());
        cached.merge(e.domain(), e.source() <= 1 ? -1L : 0L, Long::sum);
      } else if (event instanceof Event.IovaFreed e) {
        allocated.get(e.domain()).remove(e.pfn());
        queued.computeIfAbsent(e.domain(), d -> new HashSet<>()).remove(e.pfn());
        cached.merge(e.domain(), e.destination() <= 1 ? 1L : 0L, Long::sum);
      } else if (event instanceof Event.DepotTrimmed e) {
        cached.merge(e.domain(), -e.ranges(), Long::sum);
      } else if (event instanceof Event.PtesMapped e) {
        for (long i = 0; i < e.pages(); i++) {
          entries
              .computeIfAbsent(e.domain(), d -> new HashMap<>())
              .put(e.pfn() + i, e.physPfn() + i);
        }
      } else if (event instanceof Event.PtesCleared e) {
        for (long i = 0; i < e.pages(); i++) {
          entries.get(e.domain()).remove(e.pfn() + i);
        }
      } else if (event instanceof Event.FlushQueued e) {
        queued.computeIfAbsent(e.domain(), d -> new HashSet<>()).add(e.pfn());
      } else if (event instanceof Event.DmaRequested e) {
        requests.add(e.client() + "/" + e.op());
      } else if (event instanceof Event.RequestDone e) {
        requests.remove(e.client() + "/" + e.op());
      } else if (event instanceof Event.InvalidationPosted) {
        invalidations++;
      } else if (event instanceof Event.InvalidationCompleted) {
        invalidations--;
      }
    }

    Set<String> ranges(int domain) {
      Set<String> ranges = new HashSet<>();
      allocated
          .getOrDefault(domain, Map.of())
          .forEach((pfn, pages) -> ranges.add(pfn + "+" + pages));
      return ranges;
    }

    Map<Long, Long> entries(int domain) {
      return entries.getOrDefault(domain, Map.of());
    }

    int queued(int domain) {
      return queued.getOrDefault(domain, Set.of()).size();
    }

    long cached(int domain) {
      return cached.getOrDefault(domain, 0L);
    }
  }
}
