package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.event.Event;
import java.lang.reflect.RecordComponent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events say what they belong to: a reader of any host can look it up and never has to guess. */
class IdentityTest {
  private final Map<Integer, Long> lastCall = new HashMap<>();
  private final Map<Integer, Long> lastTicket = new HashMap<>();

  /** By domain and call. */
  private final Map<List<Long>, Event.CallEntered> calls = new HashMap<>();

  private final Set<List<Long>> mappings = new HashSet<>();
  private final Set<List<Long>> flushes = new HashSet<>();
  private final Map<List<Long>, Event.InvalidationPosted> invalidations = new HashMap<>();

  @ParameterizedTest
  @ValueSource(ints = {0, 20, 40, 60, 80, 100, 120, 140, 160, 180})
  void everythingThatAnEventNamesHasBegunAndNotEnded(int first) {
    for (int seed = first; seed < first + 20; seed++) {
      lastCall.clear();
      lastTicket.clear();
      calls.clear();
      mappings.clear();
      flushes.clear();
      invalidations.clear();
      for (Event event : HostInvariantsTest.run(RandomHosts.host(seed))) {
        if (event instanceof Event.CallEntered e) {
          enter(e);
        } else {
          checkCall(event);
          take(event);
        }
      }
    }
  }

  private static List<Long> key(int of, long number) {
    return List.of((long) of, number);
  }

  private void enter(Event.CallEntered e) {
    assertThat(e.call()).as("%s", e).isEqualTo(lastCall.getOrDefault(e.domain(), 0L) + 1);
    lastCall.put(e.domain(), e.call());
    boolean takesBack = e.mapping() != e.call();
    if (takesBack) {
      assertThat(mappings).as("%s", e).contains(key(e.domain(), e.mapping()));
    }
    assertThat(CallKind.of(e.what()) == CallKind.UNMAP && !takesBack).as("%s", e).isFalse();
    assertThat(e.client() >= 0).as("%s", e).isEqualTo(CallKind.of(e.what()).isClients());
    calls.put(key(e.domain(), e.call()), e);
  }

  /** An event with a call is of one that was entered and has not returned. */
  private void checkCall(Event event) {
    Map<String, Long> numbers = new HashMap<>();
    for (RecordComponent component : event.getClass().getRecordComponents()) {
      try {
        if (component.getAccessor().invoke(event) instanceof Number number) {
          numbers.put(component.getName(), number.longValue());
        }
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(e);
      }
    }
    if (numbers.containsKey("call")) {
      assertThat(calls)
          .as("%s", event)
          .containsKey(List.of(numbers.get("domain"), numbers.get("call")));
    }
  }

  private void take(Event event) {
    if (event instanceof Event.Mapped e) {
      mappings.add(key(e.domain(), e.call()));
      calls.remove(key(e.domain(), e.call()));
    } else if (event instanceof Event.MapFailed e) {
      calls.remove(key(e.domain(), e.call()));
    } else if (event instanceof Event.MapDeclined e) {
      calls.remove(key(e.domain(), e.call()));
    } else if (event instanceof Event.Unmapped e) {
      Event.CallEntered by = calls.remove(key(e.domain(), e.call()));
      assertThat(mappings.remove(key(e.domain(), by.mapping()))).as("%s", by).isTrue();
    } else if (event instanceof Event.CpuStolen e) {
      calls.remove(key(e.domain(), e.call()));
    } else if (event instanceof Event.DepotTrimmed e) {
      calls.remove(key(e.domain(), e.call()));
    } else if (event instanceof Event.PoolAdded e) {
      calls.remove(key(e.domain(), e.call()));
    } else if (event instanceof Event.BounceCopied e) {
      assertThat(mappings).as("%s", e).contains(key(e.domain(), e.mapping()));
    } else if (event instanceof Event.FlushStarted e) {
      assertThat(flushes.add(key(e.domain(), e.call()))).as("%s", e).isTrue();
    } else if (event instanceof Event.FlushFinished e) {
      assertThat(flushes.remove(key(e.domain(), e.call()))).as("%s", e).isTrue();
    } else if (event instanceof Event.InvalidationPosted e) {
      assertThat(e.ticket()).as("%s", e).isEqualTo(lastTicket.getOrDefault(e.iommu(), 0L) + 1);
      lastTicket.put(e.iommu(), e.ticket());
      invalidations.put(key(e.iommu(), e.ticket()), e);
      if (e.pages() == 0) {
        assertThat(flushes).as("%s", e).contains(key(e.domain(), e.call()));
      }
    } else if (event instanceof Event.InvalidationCompleted e) {
      assertThat(invalidations.remove(key(e.iommu(), e.ticket()))).as("%s", e).isNotNull();
    }
  }
}
