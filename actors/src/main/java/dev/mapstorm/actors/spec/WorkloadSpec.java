package dev.mapstorm.actors.spec;

import dev.mapstorm.protocol.Direction;

/**
 * What the requests of a synthetic client look like.
 *
 * @param bytes of a request
 * @param segmentBytes physically contiguous bytes in it; the buffer of a request is {@code bytes /
 *     segmentBytes} scattered pieces
 * @param readPercent how many of a hundred requests are reads ({@link Direction#FROM_DEVICE});
 *     chosen at random
 * @param buffers buffers that the client cycles through, as an application with a fixed pool does;
 *     0 takes fresh pages each time
 * @param offset of the first byte in its granule
 */
public record WorkloadSpec(int bytes, int segmentBytes, int readPercent, int buffers, int offset) {}
