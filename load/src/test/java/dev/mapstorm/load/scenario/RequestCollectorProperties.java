package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.host.Repetition;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What is collected from the events of any small scenario, asked again, gives these events. */
class RequestCollectorProperties {
  @Provide
  Arbitrary<List<String>> scenarios() {
    Arbitrary<String> mode =
        Arbitraries.of("strict", "lazy", "passthrough").map(each -> "iommu.mode=" + each);
    Arbitrary<String> api =
        Arbitraries.of("page", "sg", "batch", "iova").map(each -> "client.api=" + each);
    Arbitrary<String> size =
        Arbitraries.integers().between(1, 300_000).map(each -> "client.bs=" + each);
    Arbitrary<String> memory =
        Arbitraries.of(
            "client.segment=4KiB", "client.segment=64KiB", "client.offset=512", "client.buffers=3");
    Arbitrary<String> machine =
        Arbitraries.of("devices=1", "devices=2", "iommu.domains=shared", "cpus=9");
    Arbitrary<String> depth =
        Arbitraries.integers().between(1, 9).map(each -> "client.depth=" + each);
    Arbitrary<String> clients = Arbitraries.integers().between(1, 4).map(each -> "clients=" + each);
    Arbitrary<String> seed = Arbitraries.longs().map(each -> "seed=" + each);
    return Combinators.combine(mode, api, size, memory, machine, depth, clients, seed)
        .as((a, b, c, d, e, f, g, h) -> List.of(a, b, c, d, e, f, g, h, "client.read-percent=60"));
  }

  private static HostSpec host(List<String> settings) {
    ScenarioLoader loader = new ScenarioLoader("1").set("duration=400us");
    settings.forEach(loader::set);
    return loader.load("nvme-4k").hosts().get(0);
  }

  private static List<Event> run(HostSpec spec, EventSink beside) {
    List<Event> events = new ArrayList<>();
    EventRecorder recorder = new EventRecorder(events::add);
    new BareLoop(
            spec,
            words -> {
              words.forEach(recorder);
              words.forEach(beside);
            })
        .run();
    return events;
  }

  @Property(tries = 60)
  void aClosedLoopAskedAgainIsTheSameClosedLoop(@ForAll("scenarios") List<String> settings) {
    HostSpec spec = host(settings);
    RequestCollector collector = new RequestCollector(false, spec.endNs());
    List<Event> events = run(spec, collector);

    JournalRecording recording = collector.recording();

    assertThat(recording.untold()).isZero();
    HostSpec again =
        Repetition.asking(spec, recording.clients(), depth -> new LoadSpec.ClosedLoop(depth, 0));
    assertThat(run(again, EventSink.NONE)).isEqualTo(events);
  }

  @Property(tries = 20)
  void whatArrivesTooLateIsLeftOut(@ForAll("scenarios") List<String> settings) {
    HostSpec spec = host(settings);
    RequestCollector collector = new RequestCollector(false, 100_000);
    List<Event> events = run(spec, collector);

    long early =
        events.stream().filter(e -> e instanceof Event.DmaRequested && e.t() <= 100_000).count();
    JournalRecording recording = collector.recording();
    assertThat(recording.requests()).isEqualTo(early);
    assertThat(recording.lastNs()).isLessThanOrEqualTo(100_000);
  }
}
