package dev.mapstorm.load.cluster;

import dev.mapstorm.protocol.cluster.CoordinatorReply.FleetSummary;
import dev.mapstorm.protocol.cluster.CoordinatorReply.Moves;

/**
 * How a fleet's run in a cluster ended.
 *
 * @param run its id
 * @param scenario its name
 * @param seed of the run
 * @param state {@code complete}, {@code stopped} or {@code failed}
 * @param failure why a host could not go on; empty if all could
 * @param hosts how many it has
 * @param virtualNs virtual time that all of them reached
 * @param events in the journal
 * @param journalBytes of their payloads
 * @param bytesPerEvent the quotient
 * @param hash of the whole run, equal to that of the same scenario on one machine; empty unless
 *     complete
 * @param wallNs from the submission on, as the client saw it
 * @param eventsPerSecond over that time
 * @param moves how its hosts moved
 */
public record FleetReport(
    String run,
    String scenario,
    long seed,
    String state,
    String failure,
    int hosts,
    long virtualNs,
    long events,
    long journalBytes,
    double bytesPerEvent,
    String hash,
    long wallNs,
    double eventsPerSecond,
    Moves moves) {

  /**
   * Puts a report together.
   *
   * @param wallNs since its submission
   */
  public static FleetReport of(FleetSummary fleet, long seed, long wallNs) {
    double seconds = Math.max(1, wallNs) / 1e9;
    return new FleetReport(
        fleet.run(),
        fleet.name(),
        seed,
        fleet.state(),
        fleet.failure(),
        fleet.hosts(),
        fleet.reached(),
        fleet.events(),
        fleet.bytes(),
        fleet.events() == 0 ? 0 : (double) fleet.bytes() / fleet.events(),
        fleet.hash(),
        wallNs,
        fleet.events() / seconds,
        fleet.moves());
  }
}
