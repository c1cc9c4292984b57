package dev.mapstorm.load.run;

import dev.mapstorm.persistence.replay.Units;
import dev.mapstorm.persistence.store.Salvage;
import java.util.Optional;

/** What became of a host of a damaged journal, in one line. */
final class SalvageText {
  private SalvageText() {}

  /** The line; empty if the host's stream is whole. */
  static Optional<String> of(Salvage.Host host) {
    return host.damage().map(damage -> damage + "; " + readable(host));
  }

  private static String readable(Salvage.Host host) {
    return host.batches() == 0
        ? "no batch before it"
        : "readable before it: %d %s with %d events, up to %s"
            .formatted(
                host.batches(),
                host.batches() == 1 ? "batch" : "batches",
                host.events(),
                Units.instant(host.untilNs()));
  }
}
