package dev.mapstorm.load.export;

import dev.mapstorm.protocol.event.EventKind;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What of a run is exported.
 *
 * @param hosts their numbers, in the order in which they are written
 * @param fromNs first instant of the window
 * @param toNs last instant of the window
 * @param devices the device of each host that alone concerns, by number of the host; empty for all
 *     devices. Hosts that are not in it are left out
 * @param kinds of events; of the others nothing is known
 */
public record ExportSelection(
    List<Integer> hosts,
    long fromNs,
    long toNs,
    Map<Integer, Integer> devices,
    Set<EventKind> kinds) {

  /** Keeps copies. */
  public ExportSelection {
    devices = Map.copyOf(devices);
    hosts = devices.isEmpty() ? List.copyOf(hosts) : of(hosts, devices);
    kinds = kinds.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(kinds));
  }

  private static List<Integer> of(List<Integer> hosts, Map<Integer, Integer> devices) {
    return hosts.stream().filter(devices::containsKey).toList();
  }

  /** The device of a host that alone concerns; empty for all. */
  public OptionalInt device(int host) {
    return devices.isEmpty() ? OptionalInt.empty() : OptionalInt.of(devices.get(host));
  }

  /** All of some hosts. */
  public static ExportSelection all(List<Integer> hosts) {
    return new ExportSelection(hosts, 0, Long.MAX_VALUE, Map.of(), EnumSet.allOf(EventKind.class));
  }
}
