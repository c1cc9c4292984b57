package dev.mapstorm.actors.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.spec.LoadSpec;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.event.EventWords;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class HostCheckpointTest {
  @Provide
  Arbitrary<HostSpec> hosts() {
    return new HostInvariantsTest().hosts();
  }

  /** Hosts whose clients ask at a rate, repeat a closed loop, or repeat at recorded instants. */
  @Provide
  Arbitrary<HostSpec> otherClients() {
    return hosts()
        .flatMap(
            spec ->
                Arbitraries.of(
                    RepeatedClientTest.at(spec, 100_000),
                    Repetition.of(
                        spec,
                        HostInvariantsTest.run(spec),
                        depth -> new LoadSpec.ClosedLoop(depth, 0)),
                    Repetition.of(
                        RepeatedClientTest.at(spec, 200_000),
                        HostInvariantsTest.run(RepeatedClientTest.at(spec, 200_000)),
                        LoadSpec.AsRecorded::new)));
  }

  @Property(tries = 40)
  void shouldGoOnWithClientsThatRepeatOrAreAskedAtARate(
      @ForAll("otherClients") HostSpec spec, @ForAll @IntRange(min = 1, max = 3000) int steps) {
    shouldGoOnFromACheckpointAsIfNothingHadHappened(spec, steps);
  }

  private static Consumer<EventWords> into(List<Event> events) {
    EventRecorder recorder = new EventRecorder(events::add);
    return words -> words.forEach(recorder);
  }

  @Property(tries = 60)
  void shouldGoOnFromACheckpointAsIfNothingHadHappened(
      @ForAll("hosts") HostSpec spec, @ForAll @IntRange(min = 1, max = 3000) int steps) {
    List<Event> whole = new ArrayList<>();
    BareLoop undisturbed = new BareLoop(spec, into(whole));
    undisturbed.run();

    BareLoop first = new BareLoop(spec, null);
    for (int i = 0; i < steps && first.step(); i++) {
      // up to the checkpoint
    }
    byte[] checkpoint = first.checkpoint();
    BareLoop second = BareLoop.from(checkpoint, spec, null);
    assertThat(second.checkpoint()).isEqualTo(checkpoint);
    first.run();
    second.run();
    assertThat(second.checkpoint()).isEqualTo(first.checkpoint());

    List<Event> rest = new ArrayList<>();
    BareLoop.from(checkpoint, spec, into(rest)).run();
    assertThat(withoutSums(whole)).endsWith(withoutSums(rest).toArray(Event[]::new));
  }

  /**
   * The sums of the locks depend on where the batches were cut, and that is not at the checkpoints
   * of this test.
   */
  private static List<Event> withoutSums(List<Event> events) {
    return events.stream().filter(event -> !(event instanceof Event.LockUsed)).toList();
  }
}
