package dev.mapstorm.actors.cluster;

import dev.mapstorm.actors.pekko.StorePatience;
import dev.mapstorm.actors.pekko.WriterClaims;
import dev.mapstorm.protocol.cluster.CoordinatorMessage;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What hosts find on their node.
 *
 * @param board to be seen on
 * @param room that they have together
 * @param definitions of fleets
 * @param coordinator the way to it, wherever it is
 * @param claims to streams
 * @param deaths of nodes, and whose hosts they executed
 * @param patience with the journal
 * @param version of the program
 */
record HostServices(
    HostBoard board,
    NodeRoom room,
    FleetDefinitions definitions,
    ActorRef<CoordinatorMessage> coordinator,
    WriterClaims claims,
    NodeDeaths deaths,
    StorePatience patience,
    String version) {}
