package dev.mapstorm.actors.core;

import dev.mapstorm.actors.model.lock.LockRegister;
import dev.mapstorm.actors.spec.Costs;
import dev.mapstorm.actors.time.Clock;
import dev.mapstorm.protocol.event.EventSink;

/**
 * What all cores of a host share.
 *
 * @param clock its virtual time and mail
 * @param events where everything that happens is written
 * @param costs of its platform
 * @param layout its actors' numbers
 * @param locks its locks
 */
public record HostContext(
    Clock clock, EventSink events, Costs costs, HostLayout layout, LockRegister locks) {}
