package dev.mapstorm.load.cluster;

import dev.mapstorm.protocol.cluster.CoordinatorMessage.SubmitFleet;

/**
 * A fleet that is handed to a node.
 *
 * @param run its id; new in the database
 * @param name of the scenario
 * @param scenario the resolved scenario
 * @param hosts how many it has
 */
public record Submission(String run, String name, String scenario, int hosts) {
  /** What the coordinator is told. */
  SubmitFleet message(String replyTo) {
    return new SubmitFleet(run, name, scenario, hosts, replyTo);
  }
}
