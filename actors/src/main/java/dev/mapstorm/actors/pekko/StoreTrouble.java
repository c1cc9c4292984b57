package dev.mapstorm.actors.pekko;

import java.time.Duration;

/**
 * A store that fails and holds a run back.
 *
 * @param host that cannot write
 * @param reason what the store said
 * @param again after which it is tried again, counted from the failure
 */
public record StoreTrouble(int host, String reason, Duration again) {}
