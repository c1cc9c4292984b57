package dev.mapstorm.actors.pekko;

import dev.mapstorm.actors.spec.HostSpec;
import java.util.function.ToLongFunction;

/**
 * The memory that hosts have together, and what each takes of it. It decides when a host begins, by
 * wall time, and so nothing in the host.
 *
 * @param bytes for all hosts that run at a time; one runs even if it takes more
 * @param ofHost bytes that a host takes, 0 or more
 */
public record HostRoom(long bytes, ToLongFunction<HostSpec> ofHost) {
  /** All hosts run at a time. */
  public static final HostRoom UNLIMITED = new HostRoom(Long.MAX_VALUE, host -> 0);
}
