package dev.mapstorm.load.step;

import dev.mapstorm.load.run.RunNames;
import dev.mapstorm.persistence.text.Units;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What the next word of a command can be.
 *
 * @param devices names of the run's devices
 */
record StepCompletion(List<String> devices) {

  /**
   * The candidates for a word; none where it can be anything.
   *
   * @param words the complete words before it
   * @param watched granules that are watched
   */
  List<String> of(List<String> words, Collection<Long> watched) {
    if (words.isEmpty()) {
      return StepCommand.allNames().toList();
    }
    try {
      return switch (StepCommand.of(words.get(0))) {
        case NEXT, PREV -> conditions();
        case GOTO -> words.size() == 1 ? List.of("event", "start", "end") : List.of();
        case LIST, UNWATCH -> watched.stream().map(Units::address).toList();
        case HELP -> StepCommand.allNames().toList();
        default -> List.of();
      };
    } catch (StepException e) {
      // No command, so nothing can follow.
      return List.of();
    }
  }

  private List<String> conditions() {
    List<String> conditions = new ArrayList<>();
    RunNames.kinds().forEach(kind -> conditions.add("kind=" + kind));
    devices.forEach(device -> conditions.add("device=" + device));
    RunNames.locks().forEach(lock -> conditions.add("lock=" + lock));
    EventFilter.KEYS.stream()
        .map(key -> key + "=")
        .filter(key -> conditions.stream().noneMatch(each -> each.startsWith(key)))
        .forEach(conditions::add);
    return conditions;
  }
}
