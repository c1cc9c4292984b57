package dev.mapstorm.load.run;

import dev.mapstorm.persistence.store.Salvage;
import dev.mapstorm.persistence.text.Units;
import java.util.ArrayList;
import java.util.List;

/** What became of a damaged journal, in lines. */
final class SalvageText {
  private SalvageText() {}

  /**
   * What is wrong with the journal as a whole, then a line for each damaged host, then one for
   * those that are whole; nothing if all is whole.
   */
  static List<String> of(Salvage salvage) {
    if (salvage.isWhole()) {
      return List.of();
    }
    List<String> lines = new ArrayList<>(salvage.notes());
    for (Salvage.Host host : salvage.hosts()) {
      host.damage().ifPresent(damage -> lines.add(damage + "; " + readable(host)));
    }
    List<Salvage.Host> whole =
        salvage.hosts().stream().filter(host -> host.damage().isEmpty()).toList();
    if (!whole.isEmpty()) {
      lines.add(
          "%s whole: %d batches with %d events, up to %s"
              .formatted(
                  whole.size() == 1
                      ? "host %d is".formatted(whole.get(0).host())
                      : "%d hosts are".formatted(whole.size()),
                  whole.stream().mapToLong(Salvage.Host::batches).sum(),
                  whole.stream().mapToLong(Salvage.Host::events).sum(),
                  Units.instant(whole.stream().mapToLong(Salvage.Host::untilNs).max().orElse(0))));
    }
    return lines;
  }

  private static String readable(Salvage.Host host) {
    return host.batches() == 0
        ? "no batch before it"
        : "readable before it: %s with %d events, up to %s"
            .formatted(
                Units.things(host.batches(), "batch"),
                host.events(),
                Units.instant(host.untilNs()));
  }
}
