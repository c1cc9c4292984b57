package dev.mapstorm.actors.cluster;

import dev.mapstorm.protocol.cluster.FleetBook;
import dev.mapstorm.protocol.cluster.FleetEvent;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All fleets that the coordinator's journal tells of, in the order of submission. */
final class Fleets {
  private final Map<String, Fleet> fleets = new LinkedHashMap<>();

  static Fleets of(FleetBook book) {
    Fleets all = new Fleets();
    Arrays.stream(book.fleets()).map(Fleet::of).forEach(all::add);
    return all;
  }

  FleetBook book() {
    return new FleetBook(fleets.values().stream().map(Fleet::kept).toArray(FleetBook.Fleet[]::new));
  }

  private void add(Fleet fleet) {
    fleets.put(fleet.run(), fleet);
  }

  Fleets apply(FleetEvent event) {
    if (event instanceof FleetEvent.Submitted submitted) {
      add(new Fleet(submitted));
    } else if (event instanceof FleetEvent.Ended ended) {
      fleets.get(ended.run()).ended(ended.outcome());
    } else if (event instanceof FleetEvent.Moved moved) {
      fleets.get(moved.run()).moved(moved.move());
    } else if (event instanceof FleetEvent.Stopped stopped) {
      fleets.get(stopped.run()).stop();
    }
    return this;
  }

  Optional<Fleet> find(String run) {
    return Optional.ofNullable(fleets.get(run));
  }

  /** Those that have hosts which are to run. */
  List<Fleet> active() {
    return fleets.values().stream().filter(Fleet::isActive).toList();
  }

  Collection<Fleet> all() {
    return Collections.unmodifiableCollection(fleets.values());
  }
}
