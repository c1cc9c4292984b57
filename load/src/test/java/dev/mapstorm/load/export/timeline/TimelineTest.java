package dev.mapstorm.load.export.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.export.ExportSelection;
import dev.mapstorm.load.export.SimulatedRun;
import dev.mapstorm.load.export.timeline.DecodedTimeline.Slice;
import dev.mapstorm.load.trace.TraceText;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimelineTest {
  private static final long ALL = Long.MAX_VALUE;
  private static final String SHORT = "duration=300us";

  private static final Map<String, SimulatedRun> RUNS = new HashMap<>();

  /** Scenarios that differ in what they draw. */
  private static SimulatedRun run(String name) {
    return RUNS.computeIfAbsent(name, TimelineTest::simulate);
  }

  private static SimulatedRun simulate(String name) {
    return switch (name) {
      case "strict pages" -> SimulatedRun.of("nvme-4k", SHORT, "clients=3", "client.depth=8");
      case "strict lists" ->
          SimulatedRun.of("nvme-4k", SHORT, "client.api=sg", "client.bs=64k", "client.segment=8k");
      case "batches" ->
          SimulatedRun.of(
              "nvme-4k", SHORT, "client.api=batch", "client.bs=64k", "client.batch.capacity=24k");
      case "lazy" ->
          SimulatedRun.of(
              "nvme-4k",
              "duration=500us",
              "iommu.mode=lazy",
              "iommu.flush-queue.entries=16",
              "iommu.flush-queue.timeout=100us");
      case "two devices, one domain" ->
          SimulatedRun.of("nvme-4k", SHORT, "devices=2", "iommu.domains=shared");
      case "direct" -> SimulatedRun.of("nvme-4k", SHORT, "iommu.mode=passthrough", "client.bs=16k");
      case "too little space" ->
          SimulatedRun.of(
              "nvme-4k",
              SHORT,
              "client.bs=64k",
              "client.depth=16",
              "iommu.address-bits=20",
              "iommu.reserved=[]");
      default -> throw new AssertionError(name);
    };
  }

  private static ExportSelection window(long fromNs, long toNs) {
    return new ExportSelection(List.of(0), fromNs, toNs, Map.of(), EnumSet.allOf(EventKind.class));
  }

  private static DecodedTimeline perfetto(SimulatedRun run, long fromNs, long toNs) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    run.into(
        new TimelineExporter(
            new PerfettoWriter(bytes), host -> run.outline(), window(fromNs, toNs)),
        fromNs,
        toNs);
    return PerfettoReader.read(bytes.toByteArray());
  }

  private static DecodedTimeline chrome(SimulatedRun run, long fromNs, long toNs) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    run.into(
        new TimelineExporter(new ChromeWriter(bytes), host -> run.outline(), window(fromNs, toNs)),
        fromNs,
        toNs);
    return ChromeReader.read(bytes.toByteArray());
  }

  private static <E extends Event> List<E> events(SimulatedRun run, Class<E> kind) {
    return run.events().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "strict pages",
        "strict lists",
        "batches",
        "lazy",
        "two devices, one domain",
        "direct",
        "too little space"
      })
  void everyCallIsASliceOfItsLengthOnItsCpu(String name) {
    SimulatedRun run = run(name);
    DecodedTimeline timeline = perfetto(run, 0, ALL);
    List<List<Object>> maps = new ArrayList<>();
    for (Event.Mapped e : events(run, Event.Mapped.class)) {
      Event.CallEntered by = run.call(e.domain(), e.call());
      maps.add(List.of("CPU " + by.client(), by.t(), e.t(), (long) by.client(), by.op()));
    }
    List<List<Object>> unmaps = new ArrayList<>();
    for (Event.Unmapped e : events(run, Event.Unmapped.class)) {
      Event.CallEntered by = run.call(e.domain(), e.call());
      unmaps.add(List.of("CPU " + by.cpu(), by.t(), e.t(), (long) by.client(), by.op()));
    }

    assertThat(maps).isNotEmpty();
    assertThat(timeline.slices("CPU", "map").stream().map(TimelineTest::call))
        .containsExactlyInAnyOrderElementsOf(maps);
    assertThat(timeline.slices("CPU", "unmap").stream().map(TimelineTest::call))
        .containsExactlyInAnyOrderElementsOf(unmaps);
    assertThat(timeline.instants().stream().filter(each -> each.name().equals("map failed")))
        .hasSameSizeAs(events(run, Event.MapFailed.class));
  }

  private static List<Object> call(Slice slice) {
    return List.of(
        slice.trackName(),
        slice.begin(),
        slice.end(),
        slice.number("client"),
        slice.number("request"));
  }

  /** Two devices on four CPUs, with coherent memory: calls on one CPU may overlap. */
  @Test
  void callsOfRecordedClientsAreSlicesOfTheirLengthToo(@TempDir Path folder) throws IOException {
    Path trace = folder.resolve("recorded");
    Files.write(trace, TraceText.recordedLines(TraceText.NVME_NET_STRICT, 6000));
    SimulatedRun run = SimulatedRun.ofTrace(trace);
    List<List<Long>> calls = new ArrayList<>();
    for (Event event : run.events()) {
      if (event instanceof Event.Mapped e) {
        calls.add(call(run.call(e.domain(), e.call()), e.t()));
      } else if (event instanceof Event.Unmapped e) {
        calls.add(call(run.call(e.domain(), e.call()), e.t()));
      }
    }

    DecodedTimeline timeline = perfetto(run, 0, ALL);

    assertThat(calls).hasSizeGreaterThan(1000);
    assertThat(timeline.slices())
        .filteredOn(slice -> slice.name().equals("map") || slice.name().equals("unmap"))
        .extracting(s -> List.of(s.number("client"), s.number("request"), s.begin(), s.end()))
        .containsExactlyInAnyOrderElementsOf(calls);
    assertThat(timeline.slices()).anyMatch(slice -> slice.trackName().equals("CPU 3"));
  }

  private static List<Long> call(Event.CallEntered call, long end) {
    return List.of((long) call.client(), call.op(), call.t(), end);
  }

  @ParameterizedTest
  @ValueSource(strings = {"strict pages", "lazy", "two devices, one domain"})
  void everyWaitAndInvalidationIsDrawnOnceWithItsLength(String name) {
    SimulatedRun run = run(name);
    DecodedTimeline timeline = perfetto(run, 0, ALL);
    List<Long> waits = new ArrayList<>();
    events(run, Event.LockWaited.class).forEach(e -> waits.add(e.waitNs()));
    Map<List<Long>, Long> posted = new HashMap<>();
    events(run, Event.InvalidationPosted.class)
        .forEach(e -> posted.put(List.of((long) e.iommu(), e.ticket()), e.t()));
    List<Long> latencies = new ArrayList<>();
    events(run, Event.InvalidationCompleted.class)
        .forEach(e -> latencies.add(e.t() - posted.get(List.of((long) e.iommu(), e.ticket()))));

    List<Long> drawn =
        timeline.slices().stream()
            .filter(slice -> slice.arguments().containsKey("last_holder_cpu"))
            .map(slice -> slice.end() - slice.begin())
            .toList();

    // A wait that is not over at the end of the run is told and not drawn.
    assertThat(waits).hasSizeGreaterThan(20).containsAll(drawn);
    assertThat(waits.size() - drawn.size()).isBetween(0, 4);
    assertThat(timeline.slices("CPU", "invalidate").stream().map(s -> s.end() - s.begin()))
        .containsExactlyInAnyOrderElementsOf(latencies);
  }

  @ParameterizedTest
  @ValueSource(strings = {"strict pages", "batches"})
  void waitsAndInvalidationsLieInTheCallThatMadeThem(String name) {
    DecodedTimeline timeline = perfetto(run(name), 0, ALL);

    assertThat(timeline.slices("CPU", "invalidate")).isNotEmpty();
    assertThat(timeline.slices().stream().filter(s -> s.trackName().startsWith("CPU")))
        .filteredOn(s -> !Set.of("map", "unmap", "submit").contains(s.name()))
        .filteredOn(s -> !s.trackName().endsWith("outside calls"))
        .isNotEmpty()
        .allMatch(s -> s.depth() >= 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"strict pages", "strict lists", "batches", "lazy", "direct", "too little space"})
  void everyRequestOfADeviceAndEveryMappingIsInOneLaneWhileItIsInFlight(String name) {
    SimulatedRun run = run(name);
    DecodedTimeline timeline = perfetto(run, 0, ALL);
    Map<List<Long>, Long> submitted = new HashMap<>();
    List<List<Long>> requests = new ArrayList<>();
    List<List<Long>> mappings = new ArrayList<>();
    Map<List<Long>, Long> mapped = new HashMap<>();
    for (Event event : run.events()) {
      if (event instanceof Event.Submitted e) {
        submitted.put(List.of((long) e.client(), e.op()), e.t());
      } else if (event instanceof Event.Completed e) {
        long since = submitted.remove(List.of((long) e.client(), e.op()));
        requests.add(List.of((long) e.client(), e.op(), since, e.t()));
      } else if (event instanceof Event.Mapped e) {
        mapped.put(key(e.domain(), e.call()), e.t());
      } else if (event instanceof Event.Unmapped e) {
        Event.CallEntered by = run.call(e.domain(), e.call());
        long since = mapped.remove(key(e.domain(), by.mapping()));
        mappings.add(List.of((long) by.client(), by.op(), since, e.t()));
      }
    }

    assertThat(lanes(timeline, "nvme requests")).containsExactlyInAnyOrderElementsOf(requests);
    assertThat(lanes(timeline, "domain 0 mappings")).containsExactlyInAnyOrderElementsOf(mappings);
  }

  private static List<Long> key(long domain, long mapping) {
    return List.of(domain, mapping);
  }

  private static List<List<Long>> lanes(DecodedTimeline timeline, String name) {
    assertThat(timeline.lanes(name))
        .allMatch(slice -> slice.trackName().equals(name + " of queue" + slice.number("client")));
    return timeline.lanes(name).stream()
        .filter(slice -> !slice.arguments().containsKey("unfinished"))
        .map(
            slice ->
                List.of(
                    slice.number("client"), slice.number("request"), slice.begin(), slice.end()))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"strict pages", "strict lists", "lazy", "direct"})
  void aFlowLeadsThroughTheCallsAndTheDeviceOfEveryRequestThatIsDone(String name) {
    SimulatedRun run = run(name);
    Map<List<Long>, List<String>> flows = new HashMap<>();
    perfetto(run, 0, ALL)
        .flows()
        .values()
        .forEach(
            steps -> {
              Slice first = steps.get(0);
              List<Long> request = List.of(first.number("client"), first.number("request"));
              assertThat(steps)
                  .allMatch(s -> s.number("client") == request.get(0))
                  .allMatch(s -> s.number("request") == request.get(1));
              if (steps.get(steps.size() - 1).terminatesFlow()) {
                flows.put(
                    request, steps.stream().map(s -> s.trackName() + " " + s.name()).toList());
              }
            });

    for (Event.RequestDone done : events(run, Event.RequestDone.class)) {
      int client = done.client();
      List<String> steps = flows.get(List.of((long) client, done.op()));
      assertThat(steps)
          .startsWith("CPU %d submit".formatted(client), "CPU %d map".formatted(client));
      assertThat(steps)
          .contains("nvme requests of queue%1$d queue%1$d".formatted(client))
          .endsWith("CPU %d unmap".formatted(client));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"strict pages", "batches", "lazy", "direct", "too little space"})
  void chromeAndPerfettoShowTheSame(String name) {
    SimulatedRun run = run(name);
    DecodedTimeline perfetto = perfetto(run, 100_000, 250_000);
    DecodedTimeline chrome = chrome(run, 100_000, 250_000);

    assertThat(chrome.slices().stream().map(TimelineTest::withoutFlow))
        .containsExactlyInAnyOrderElementsOf(
            perfetto.slices().stream().map(TimelineTest::withoutFlow).toList());
    assertThat(chrome.counters().keySet()).isEqualTo(perfetto.counters().keySet());
    perfetto
        .counters()
        .forEach(
            (counter, values) ->
                assertThat(chrome.counters().get(counter))
                    .as(counter)
                    .containsExactlyElementsOf(values));
  }

  private static List<Object> withoutFlow(Slice slice) {
    return List.of(
        slice.trackName(),
        slice.begin(),
        slice.end(),
        slice.name(),
        slice.depth(),
        slice.arguments());
  }

  @ParameterizedTest
  @ValueSource(strings = {"strict pages", "lazy", "two devices, one domain"})
  void countersEndWhereTheEventsSay(String name) {
    SimulatedRun run = run(name);
    Map<String, Long> expected = new HashMap<>();
    Map<List<Long>, Long> bytes = new HashMap<>();
    Set<Long> queued = new HashSet<>();
    for (Event event : run.events()) {
      if (event instanceof Event.Submitted e) {
        expected.merge(run.outline().device(e.device()) + " queue depth", 1L, Long::sum);
      } else if (event instanceof Event.Completed e) {
        expected.merge(run.outline().device(e.device()) + " queue depth", -1L, Long::sum);
      } else if (event instanceof Event.Mapped e) {
        bytes.put(key(e.domain(), e.call()), e.bytes());
        expected.merge("domain 0 mapped bytes", e.bytes(), Long::sum);
      } else if (event instanceof Event.Unmapped e) {
        long mapping = run.call(e.domain(), e.call()).mapping();
        long gone = bytes.remove(key(e.domain(), mapping));
        expected.merge("domain 0 mapped bytes", -gone, Long::sum);
      } else if (event instanceof Event.IovaAllocated e) {
        expected.merge("domain 0 IOVA pages", e.pages(), Long::sum);
      } else if (event instanceof Event.IovaFreed e) {
        expected.merge("domain 0 IOVA pages", -e.pages(), Long::sum);
        queued.remove(e.pfn());
      } else if (event instanceof Event.FlushQueued e) {
        queued.add(e.pfn());
      }
    }
    Map<String, List<long[]>> counters = perfetto(run, 0, ALL).counters();

    expected.forEach(
        (counter, value) -> assertThat(last(counters, counter)).as(counter).isEqualTo(value));
    if (name.equals("lazy")) {
      assertThat(last(counters, "domain 0 flush queue")).isEqualTo(queued.size());
    }
    counters.forEach(
        (counter, values) ->
            assertThat(values).as(counter).allMatch(value -> value[1] >= 0 || isCached(counter)));
  }

  private static boolean isCached(String counter) {
    return counter.endsWith("cached IOVA ranges");
  }

  private static long last(Map<String, List<long[]>> counters, String counter) {
    List<long[]> values = counters.get(counter);
    return values.get(values.size() - 1)[1];
  }

  @ParameterizedTest
  @ValueSource(strings = {"strict pages", "lazy", "too little space"})
  void anyKindWithThoseItNeedsShowsWhatTheWholeShowsInLanesAndCounters(String name) {
    DecodedTimeline whole = perfetto(run(name), 0, ALL);
    for (EventKind kind : EventKind.values()) {
      Set<EventKind> kinds = EnumSet.of(kind);
      kinds.addAll(TimelineKinds.missing(kinds, kind));
      assertThat(kinds).allMatch(each -> TimelineKinds.missing(kinds, each).isEmpty());
      DecodedTimeline part = perfetto(run(name), kinds);

      assertThat(lanes(whole)).as(kind.label()).containsAll(lanes(part));
      part.counters()
          .forEach(
              (counter, values) ->
                  assertThat(values)
                      .as(kind.label() + ": " + counter)
                      .containsExactlyElementsOf(whole.counters().get(counter)));
    }
  }

  private static DecodedTimeline perfetto(SimulatedRun run, Set<EventKind> kinds) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ExportSelection selection = new ExportSelection(List.of(0), 0, ALL, Map.of(), kinds);
    run.into(
        new TimelineExporter(new PerfettoWriter(bytes), host -> run.outline(), selection),
        0,
        ALL,
        kinds);
    return PerfettoReader.read(bytes.toByteArray());
  }

  /** What is open at the end is drawn as far as something of it is known: not compared. */
  private static List<List<Object>> lanes(DecodedTimeline timeline) {
    return timeline.slices().stream()
        .filter(slice -> !slice.trackName().startsWith("CPU"))
        .map(
            s -> {
              Object end = s.arguments().containsKey("unfinished") ? "unfinished" : s.end();
              return List.of(s.trackName(), s.begin(), end, s.name(), s.depth());
            })
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"strict pages", "two devices, one domain"})
  void iovasAreNotCountedWhereTheSelectionOfADeviceHasOnlyPartOfTheAllocations(String name) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SimulatedRun run = run(name);
    ExportSelection oneDevice =
        new ExportSelection(List.of(0), 0, ALL, Map.of(0, 0), EnumSet.allOf(EventKind.class));
    run.into(new TimelineExporter(new PerfettoWriter(bytes), host -> run.outline(), oneDevice));
    Set<String> counters = PerfettoReader.read(bytes.toByteArray()).counters().keySet();

    assertThat(counters).contains("domain 0 mapped bytes");
    assertThat(counters.contains("domain 0 IOVA pages")).isEqualTo(name.equals("strict pages"));
    assertThat(counters.contains("domain 0 cached IOVA ranges"))
        .isEqualTo(name.equals("strict pages"));
  }

  @Test
  void nothingIsDrawnBehindTheEndOfTheJournal() {
    DecodedTimeline behind = perfetto(run("strict pages"), 5_000_000, ALL);

    assertThat(behind.slices()).isEmpty();
    assertThat(behind.counters()).isEmpty();
  }

  /** The reader fails on its own wherever a window cuts something the wrong way. */
  @Property(tries = 15)
  void anyWindowOfAnyRunIsWellFormedAndShowsWhatTheWholeShowsThere(
      @ForAll @IntRange(min = 0, max = 6) int kind,
      @ForAll @IntRange(min = 0, max = 300) int fromUs,
      @ForAll @IntRange(min = 0, max = 300) int lengthUs) {
    String[] names = {
      "strict pages",
      "strict lists",
      "batches",
      "lazy",
      "two devices, one domain",
      "direct",
      "too little space"
    };
    SimulatedRun run = run(names[kind]);
    long from = fromUs * 1000L;
    long to = from + lengthUs * 1000L;
    DecodedTimeline part = perfetto(run, from, to);
    DecodedTimeline whole = perfetto(run, 0, ALL);
    chrome(run, from, to);

    assertThat(part.slices())
        .allMatch(slice -> slice.begin() >= from)
        .allMatch(slice -> slice.end() <= to);
    assertThat(inside(part, from, to)).containsExactlyInAnyOrderElementsOf(inside(whole, from, to));
  }

  /** Calls that lie inside a window altogether. */
  private static List<List<Object>> inside(DecodedTimeline timeline, long from, long to) {
    return timeline.slices().stream()
        .filter(s -> s.begin() > from && s.end() < to)
        .filter(s -> s.name().equals("map") || s.name().equals("unmap"))
        .map(TimelineTest::call)
        .toList();
  }
}
