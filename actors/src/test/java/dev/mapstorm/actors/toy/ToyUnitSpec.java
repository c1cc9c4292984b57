package dev.mapstorm.actors.toy;

import dev.mapstorm.actors.spec.IommuSpec;

/**
 * A unit of a kind of its own.
 *
 * @param commandNs time that it takes to execute a command
 */
record ToyUnitSpec(long commandNs) implements IommuSpec {}
