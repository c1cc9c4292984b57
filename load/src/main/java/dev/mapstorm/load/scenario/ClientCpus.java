package dev.mapstorm.load.scenario;

/**
 * Where a client stands among those of its machine.
 *
 * @param client its number
 * @param inGroup its number among those of its group, which are alike
 * @param submits the CPU that maps and submits
 * @param completes the CPU that finishes and unmaps; may be the same
 */
record ClientCpus(int client, int inGroup, int submits, int completes) {}
