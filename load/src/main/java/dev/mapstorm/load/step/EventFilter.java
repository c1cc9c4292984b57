package dev.mapstorm.load.step;

import dev.mapstorm.load.run.DeviceEvents;
import dev.mapstorm.load.run.RunNames;
import dev.mapstorm.load.run.RunOutline;
import dev.mapstorm.load.scenario.NearestName;
import dev.mapstorm.persistence.index.BatchSummary;
import dev.mapstorm.persistence.inflight.Attribution;
import dev.mapstorm.protocol.event.EventArgument;
import dev.mapstorm.protocol.event.EventCursor;
import dev.mapstorm.protocol.event.EventKind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/**
 * Which events are looked for: those that meet all conditions.
 *
 * @param text as the user gave it; empty for any event
 * @param kinds codes of the kinds that can meet all conditions
 */
record EventFilter(String text, List<EventCondition> conditions, BitSet kinds) {

  /** Keys that name an argument of events, as a number. */
  private static final List<String> NUMBERS = List.of("client", "op", "cpu", "domain", "iommu");

  /** All keys. */
  static final List<String> KEYS =
      List.of("kind", "device", "iova", "lock", "client", "op", "cpu", "domain", "iommu");

  /** Events that touch one of some granules. */
  static EventFilter touching(Set<Long> pfns) {
    return of("a watched address", List.of(new EventCondition.Touching(pfns)));
  }

  private static EventFilter of(String text, List<EventCondition> conditions) {
    BitSet kinds = new BitSet();
    for (EventKind kind : EventKind.values()) {
      if (conditions.stream().allMatch(condition -> condition.canBeMetBy(kind))) {
        kinds.set(kind.code());
      }
    }
    return new EventFilter(text, List.copyOf(conditions), kinds);
  }

  /** Whether it is every event. */
  boolean isAny() {
    return conditions.isEmpty();
  }

  /**
   * Reads a filter.
   *
   * @param words such as {@code kind=iova-freed}
   * @param run whose devices it can name
   * @throws StepException if a word is no condition, or no kind of event can meet all
   */
  static EventFilter parse(List<String> words, RunOutline run) {
    List<EventCondition> conditions = new ArrayList<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        throw new StepException(
            "%s: must be KEY=VALUE, such as kind=iova-freed; keys are %s"
                .formatted(word, String.join(", ", KEYS)));
      }
      conditions.add(condition(word.substring(0, equals), word.substring(equals + 1), run));
    }
    EventFilter filter = of(String.join(" ", words), conditions);
    if (filter.kinds.isEmpty()) {
      throw new StepException(filter.text + ": no kind of event can be all of that");
    }
    return filter;
  }

  private static EventCondition condition(String key, String value, RunOutline run) {
    try {
      return switch (key) {
        case "kind" -> new EventCondition.OfKind(RunNames.kind(value));
        case "lock" -> new EventCondition.OfLock(RunNames.lock(value));
        case "iova" -> new EventCondition.Touching(Set.of(RunNames.granule(value)));
        case "device" -> {
          int device = RunNames.device(value, run.devices());
          yield new EventCondition.OfDevice(new DeviceEvents(device, run));
        }
        default -> number(key, value);
      };
    } catch (IllegalArgumentException | StepException e) {
      throw new StepException("%s=%s".formatted(key, e.getMessage()));
    }
  }

  private static EventCondition number(String key, String value) {
    if (!NUMBERS.contains(key)) {
      throw new StepException(
          "%s: keys are %s%s"
              .formatted(value, String.join(", ", KEYS), NearestName.hint(key, KEYS)));
    }
    // All but requests are numbered by an int.
    long most = key.equals("op") ? Long.MAX_VALUE : Integer.MAX_VALUE;
    return new EventCondition.HasValue(
        EventArgument.named(key), StepArguments.number(value, 0, most));
  }

  /** Whether an event is one; {@code attribution} knows it. */
  boolean matches(EventCursor event, Attribution attribution) {
    for (EventCondition condition : conditions) {
      if (!condition.isMetBy(event, attribution)) {
        return false;
      }
    }
    return true;
  }

  /** Whether there can be one in a batch. */
  boolean canMatchIn(BatchSummary batch) {
    return batch.kinds().intersects(kinds)
        && conditions.stream().allMatch(condition -> condition.canBeMetIn(batch, kinds));
  }
}
