package dev.mapstorm.load.export;

import dev.mapstorm.protocol.event.EventKind;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What of a run is exported.
 *
 * @param hosts their numbers, in the order in which they are written
 * @param fromNs first instant of the window
 * @param toNs last instant of the window
 * @param device only what concerns this one; empty for all
 * @param kinds of events; of the others nothing is known
 */
public record ExportSelection(
    List<Integer> hosts, long fromNs, long toNs, OptionalInt device, Set<EventKind> kinds) {

  /** Keeps copies. */
  public ExportSelection {
    hosts = List.copyOf(hosts);
    kinds = kinds.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(kinds));
  }

  /** All of some hosts. */
  public static ExportSelection all(List<Integer> hosts) {
    return new ExportSelection(
        hosts, 0, Long.MAX_VALUE, OptionalInt.empty(), EnumSet.allOf(EventKind.class));
  }
}
