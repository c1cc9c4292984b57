package dev.mapstorm.protocol.event;

/**
 * The first entry of a host's stream: everything needed to understand and to repeat it.
 *
 * @param host the host's number in the run
 * @param seed the host's seed
 * @param scenario the resolved scenario, as HOCON
 * @param version the version of mapstorm that wrote the stream
 */
public record StreamOpened(int host, long seed, String scenario, String version)
    implements JournalEntry {}
