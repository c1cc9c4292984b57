package dev.mapstorm.load.cluster;

/**
 * A fleet that is handed to a node.
 *
 * @param run its id; new in the database
 * @param name of the scenario
 * @param scenario the resolved scenario
 * @param hosts how many it has
 */
public record Submission(String run, String name, String scenario, int hosts) {}
