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

  @Property(tries = 12)
  void shouldGoOnWithClientsThatAreAskedAtARate(
      @ForAll("hosts") HostSpec spec, @ForAll @IntRange(min = 1, max = 3000) int steps) {
    shouldGoOnFromACheckpointAsIfNothingHadHappened(RepeatedClientTest.at(spec, 100_000), steps);
  }

  @Property(tries = 12)
  void shouldGoOnWithClientsThatRepeatRequests(
      @ForAll("hosts") HostSpec spec,
      @ForAll boolean closedLoop,
      @ForAll @IntRange(min = 1, max = 3000) int steps) {
    HostSpec repeating =
        Repetition.of(
            spec,
            HostInvariantsTest.run(spec),
            depth ->
                closedLoop ? new LoadSpec.ClosedLoop(depth, 0) : new LoadSpec.AsRecorded(depth));
    shouldGoOnFromACheckpointAsIfNothingHadHappened(repeating, steps);
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
