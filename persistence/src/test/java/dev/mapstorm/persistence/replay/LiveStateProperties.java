package dev.mapstorm.persistence.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.host.RandomHosts;
import dev.mapstorm.actors.spec.HostSpec;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * The state that is folded from a host's events is the state of its models, field by field: at
 * eight instants of any run, and at its end, with work in flight. A host made again from its
 * checkpoint at any of these instants holds the same and comes to the same end.
 *
 * <p>The models' side ({@link LiveHostState}) is made without a look at any event, of what the
 * models and the messages in flight hold ({@link LiveState}), and, for what models forget, of what
 * they were seen to hold after each step before ({@link LiveHistory}):
 *
 * <ul>
 *   <li>all {@code since} and {@code requestedAt}: no model has them, but for the arrival of a
 *       request and the posting of an invalidation;
 *   <li>client, request, mapping, vectors and CPUs of a range that waits in a flush queue, and the
 *       CPU that allocated a range: a ring has only its place and size.
 * </ul>
 *
 * <p>The way in which a request was asked to be mapped comes from the specification: a driver that
 * falls back from {@code iova} to {@code page} forgets it. The few things that are not compared are
 * listed in {@link CanonicalState}. The number of events and the last instant are those of the
 * stream, not of a model. A host whose flush queue has lost ranges, as Linux's does when a ring is
 * full and an older flush is under way, is not compared from there on.
 */
class LiveStateProperties {

  @Property(tries = 25, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
  void shouldFoldToWhatTheModelsHold(@ForAll long seed) {
    HostSpec spec = RandomHosts.host(seed);
    assertThat(new ComparedRun(spec).run()).as("RandomHosts.host(%dL)", seed).isEmpty();
  }
}
