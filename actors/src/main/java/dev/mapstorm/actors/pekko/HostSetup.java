package dev.mapstorm.actors.pekko;

import dev.mapstorm.actors.spec.HostSpec;
import org.apache.pekko.persistence.typed.PersistenceId;

/**
 * What a host is made from.
 *
 * @param id of its stream in the journal
 * @param spec of the machine
 * @param lane that runs it
 * @param scenario text to keep with the stream
 * @param version of the writer
 * @param observer sees its batches, also those that are executed again
 * @param listener hears how it goes
 */
public record HostSetup(
    PersistenceId id,
    HostSpec spec,
    int lane,
    String scenario,
    String version,
    BatchObserver observer,
    HostListener listener) {}
