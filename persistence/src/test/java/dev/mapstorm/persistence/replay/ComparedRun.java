package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.host.CallInProgress;
import dev.mapstorm.actors.host.CallInProgress.Purpose;
import dev.mapstorm.actors.model.iova.IovaDomain;
import dev.mapstorm.actors.spec.DomainSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.SplitMix;
import dev.mapstorm.protocol.IommuMode;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * A host that is executed step by step, with its events folded as they are written, and held
 * against its models at some instants and at its end. At each of these instants it is also written
 * down and made again: the copy has to hold the same, and to come to the same end.
 */
final class ComparedRun {
  private static final int CHECKPOINTS = 8;

  private final HostSpec spec;
  private final List<Event> events = new ArrayList<>();
  private final HostFold fold;
  private final LiveHistory history = new LiveHistory();
  private final BareLoop loop;
  private final List<Copy> copies = new ArrayList<>();
  private final List<String> differences = new ArrayList<>();

  /** A host made again from its checkpoint. */
  private record Copy(String when, int eventsBefore, BareLoop loop, List<Event> events) {}

  ComparedRun(HostSpec spec) {
    this.spec = spec;
    fold = new HostFold(spec.domains().stream().map(DomainSpec::iova).toList());
    loop =
        BareLoop.unbatched(
            spec,
            new EventRecorder(
                event -> {
                  events.add(event);
                  event.to(fold);
                }));
  }

  /** Executes the host; returns in what its models and its events differ. */
  List<String> run() {
    TreeSet<Integer> checkpoints = checkpoints();
    int steps = 0;
    LiveState live = LiveState.of(loop, spec);
    while (loop.step()) {
      steps++;
      live = LiveState.of(loop, spec);
      history.observe(live, loop.now());
      if (checkpoints.contains(steps)) {
        String when = "step %d at %d ns".formatted(steps, loop.now());
        compare(when, live);
        copy(when);
        if (!differences.isEmpty()) {
          return differences;
        }
      }
    }
    compare("the end", live);
    copies.forEach(this::compareEnd);
    return differences;
  }

  private TreeSet<Integer> checkpoints() {
    BareLoop rehearsal = new BareLoop(spec, null);
    int steps = 0;
    while (rehearsal.step()) {
      steps++;
    }
    SplitMix random = new SplitMix(spec.seed());
    TreeSet<Integer> chosen = new TreeSet<>();
    for (int i = 0; i < CHECKPOINTS; i++) {
      chosen.add(steps * i / CHECKPOINTS + 1 + (int) random.below(steps / CHECKPOINTS + 1));
    }
    return chosen;
  }

  private void compare(String when, LiveState live) {
    HostState models = models(live);
    HostState folded = ordered(withPristineDomains(fold.state()));
    for (String line : StateDifference.between(ordered(models), folded)) {
      differences.add(when + ": " + line);
    }
  }

  private HostState models(LiveState live) {
    long t = events.isEmpty() ? 0 : events.get(events.size() - 1).t();
    return new LiveHostState(spec, live, history).state(t, events.size());
  }

  private void copy(String when) {
    byte[] checkpoint = loop.checkpoint();
    List<Event> rest = new ArrayList<>();
    EventSink sink = new EventRecorder(rest::add);
    BareLoop copy = BareLoop.unbatchedFrom(checkpoint, spec, sink);
    compareCopy("copy of " + when, LiveState.of(copy, spec));
    copies.add(new Copy(when, events.size(), copy, rest));
  }

  private void compareCopy(String which, LiveState copy) {
    HostState original = models(LiveState.of(loop, spec));
    for (String line : StateDifference.between(original, models(copy))) {
      differences.add(which + ", original and copy: " + line);
    }
  }

  private void compareEnd(Copy copy) {
    copy.loop.run();
    compareCopy("end of the copy of " + copy.when, LiveState.of(copy.loop, spec));
    List<Event> rest = events.subList(copy.eventsBefore, events.size());
    if (!copy.events.equals(rest)) {
      differences.add("copy of " + copy.when + " wrote other events");
    }
  }

  /** With the domains that no event has named, as a host has them in the beginning. */
  private HostState withPristineDomains(HostState state) {
    List<HostState.Domain> domains = new ArrayList<>();
    for (int i = 0; i < spec.domains().size(); i++) {
      int number = i;
      int tables = spec.domains().get(i).mode() == IommuMode.PASSTHROUGH ? 0 : 1;
      domains.add(
          state.domains().stream()
              .filter(domain -> domain.domain() == number)
              .findFirst()
              .orElse(
                  new HostState.Domain(
                      number,
                      List.of(),
                      List.of(),
                      0,
                      tables,
                      List.of(),
                      List.of(),
                      List.of(),
                      List.of())));
    }
    return with(state, domains, state.invalidations());
  }

  private static HostState with(
      HostState state, List<HostState.Domain> domains, List<HostState.Invalidation> waiting) {
    return new HostState(
        state.t(),
        state.events(),
        domains,
        waiting,
        state.requests(),
        state.load(),
        state.violations(),
        state.violationsFound());
  }

  private HostState ordered(HostState state) {
    return with(
        state,
        state.domains().stream().map(this::ordered).toList(),
        state.invalidations().stream()
            .sorted(
                Comparator.comparingLong(HostState.Invalidation::postedAt)
                    .thenComparingInt(HostState.Invalidation::iommu))
            .toList());
  }

  private HostState.Domain ordered(HostState.Domain domain) {
    return new HostState.Domain(
        domain.domain(),
        domain.ranges(),
        domain.entries(),
        domain.entryPages(),
        domain.tables(),
        domain.cached(),
        domain.depots(),
        domain.flushQueues(),
        domain.flushes().stream()
            .sorted(
                Comparator.comparingLong(HostState.Flush::since)
                    .thenComparingInt(HostState.Flush::cpu))
            .toList());
  }
}
