package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.unit.UnitKind;
import dev.mapstorm.protocol.FlushReason;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.IovaDestination;
import dev.mapstorm.protocol.IovaSource;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The machines that properties are tried on must do what the properties are about. */
class RandomHostsTest {
  private static final int HOSTS = 300;
  private static final long ABOVE_4_GIB = 1L << 20;

  private final Set<String> seen = new TreeSet<>();

  private void see(Event event) {
    String kind = event.getClass().getSimpleName();
    seen.add(kind);
    if (event instanceof Event.IovaAllocated e) {
      seen.add("from " + IovaSource.values()[e.source()]);
      seen.add(e.pfn() >= ABOVE_4_GIB ? "above 4 GiB" : "below 4 GiB");
    } else if (event instanceof Event.IovaFreed e) {
      seen.add("to " + IovaDestination.values()[e.destination()]);
    } else if (event instanceof Event.FlushStarted e) {
      seen.add("flush " + FlushReason.of(e.reason()));
    } else if (event instanceof Event.InvalidationPosted e) {
      seen.add("asked for " + (e.pages() > 0 ? "pages" : "all"));
      seen.add("invalidates " + InvalidationKind.of(e.kind()));
    } else if (event instanceof Event.DmaRequested e) {
      seen.add("api " + MapApi.of(e.api()));
    } else if (event instanceof Event.PtesMapped e) {
      seen.add("entries of 2^" + e.pageShift());
    }
  }

  @Test
  void unitsOfAllKindsShouldInvalidate() {
    Set<String> kinds = new TreeSet<>();
    for (long seed = 0; seed < HOSTS; seed++) {
      HostSpec host = RandomHosts.host(seed);
      BareLoop.unbatched(
              host,
              new EventRecorder(
                  event -> {
                    if (event instanceof Event.InvalidationCompleted e) {
                      kinds.add(Kinds.ALL.of(host.iommus().get(e.iommu())).label());
                    }
                  }))
          .run();
    }
    assertThat(kinds)
        .containsExactlyElementsOf(
            Kinds.ALL.units().stream().map(UnitKind::label).sorted().toList());
  }

  @Test
  void shouldMakeWhatIsRareHappen() {
    for (long seed = 0; seed < HOSTS; seed++) {
      BareLoop.unbatched(RandomHosts.host(seed), new EventRecorder(this::see)).run();
    }
    assertThat(seen)
        .contains("from MAGAZINE", "from DEPOT", "from TREE", "from FLUSHED_TREE")
        .contains("to MAGAZINE", "to DEPOT", "to TREE", "above 4 GiB", "below 4 GiB")
        .contains("IovaCachesFlushed", "DepotTrimmed", "MapFailed", "LockWaited", "CpuStolen")
        .contains("flush TIMER", "flush FULL", "invalidates PSI", "invalidates DSI")
        .contains("asked for pages", "asked for all", "entries of 2^12", "entries of 2^21")
        .contains("api PAGE", "api SG", "api BATCH", "api IOVA", "api COHERENT")
        .contains("api KEPT", "api REUSED", "api IOMMU", "from CLIENT", "to CLIENT")
        .contains("ReleaseRequested", "RequestDone", "Unmapped");
  }
}
