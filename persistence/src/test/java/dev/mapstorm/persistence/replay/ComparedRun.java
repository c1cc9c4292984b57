package dev.mapstorm.persistence.replay;

import dev.mapstorm.actors.backend.iommu.DmaIommuSpec;
import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.SplitMix;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.event.EventSink;
import java.util.ArrayList;
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
  private final LiveHistory history;
  private final BareLoop loop;
  private final List<Copy> copies = new ArrayList<>();
  private final List<String> differences = new ArrayList<>();

  /** A host made again from its checkpoint. */
  private record Copy(String when, int eventsBefore, BareLoop loop, List<Event> events) {}

  ComparedRun(HostSpec spec) {
    this.spec = spec;
    fold = foldOf(spec);
    history = new LiveHistory(spec);
    loop =
        BareLoop.unbatched(
            spec,
            new EventRecorder(
                event -> {
                  events.add(event);
                  event.to(fold);
                }));
  }

  /** A fold of a host's events before the first of them. */
  static HostFold foldOf(HostSpec spec) {
    return new HostFold(DmaIommuSpec.caches(spec));
  }

  /** Executes the host; returns in what its models and its events differ. */
  List<String> run() {
    TreeSet<Integer> checkpoints = checkpoints();
    for (int steps = 1; step(); steps++) {
      if (checkpoints.contains(steps)) {
        String when = "step %d at %d ns".formatted(steps, loop.now());
        compare(when, fold.state(), lastInstant(), events.size());
        copy(when);
        if (!differences.isEmpty()) {
          return differences;
        }
      }
    }
    compare("the end", fold.state(), lastInstant(), events.size());
    copies.forEach(this::compareEnd);
    return differences;
  }

  /**
   * Executes the host; returns in what its models at the end differ from a state that was made
   * elsewhere. Its place in the stream is taken from there: a journal also holds {@code lock-used}.
   */
  List<String> endAgainst(HostState folded) {
    while (step()) {
      // to the end
    }
    compare("the end", folded, folded.t(), folded.events());
    return differences;
  }

  private boolean step() {
    boolean ran = loop.step();
    if (ran) {
      history.observe(LiveState.of(loop, spec), loop.now());
    }
    return ran;
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

  private void compare(String when, HostState folded, long t, long count) {
    LiveState live = LiveState.of(loop, spec);
    if (hasLostRanges(live)) {
      return;
    }
    HostState models = new LiveHostState(spec, live, history).state(t, count);
    List<String> lines = new ArrayList<>(AllocatedRanges.differences(spec, live));
    lines.addAll(
        StateDifference.between(
            CanonicalState.of(spec, models, history), CanonicalState.of(spec, folded, history)));
    lines.forEach(line -> differences.add(when + ": " + line));
  }

  /** A ring that overflows forgets what it holds: the events still say that it waits there. */
  private static boolean hasLostRanges(LiveState live) {
    return live.domains().values().stream()
        .anyMatch(domain -> domain.queue != null && domain.queue.lost() > 0);
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

  private HostState models(LiveState live) {
    return new LiveHostState(spec, live, history).state(lastInstant(), events.size());
  }

  private long lastInstant() {
    return events.isEmpty() ? 0 : events.get(events.size() - 1).t();
  }

  private void compareEnd(Copy copy) {
    copy.loop.run();
    compareCopy("end of the copy of " + copy.when, LiveState.of(copy.loop, spec));
    List<Event> rest = events.subList(copy.eventsBefore, events.size());
    if (!copy.events.equals(rest)) {
      differences.add("copy of " + copy.when + " wrote other events");
    }
  }
}
