package dev.mapstorm.load.scenario;

import dev.mapstorm.actors.model.blk.BlkRule;
import dev.mapstorm.actors.model.blk.QueueLimits;
import dev.mapstorm.actors.spec.BlockSpec;
import dev.mapstorm.actors.spec.RecordedRequests;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.protocol.Granule;
import dev.mapstorm.protocol.MapApi;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads the block layer above a client: {@code block-layer} and the limits of its queue. */
final class BlockReader {
  private static final String LAYER = "block-layer";
  private static final String VIRT_BOUNDARY = "virt-boundary";
  private static final String MAX_SEGMENT = "queue-max-segment";
  private static final String SEGMENT_BOUNDARY = "queue-segment-boundary";
  private static final String AUTO = "auto";
  private static final Map<String, BlkRule> LAYERS =
      Settings.labelled(Stream.of(BlkRule.values()), BlkRule::label);

  private static final long MIN_BOUNDARY = 512;
  private static final long MAX_BOUNDARY = 1L << 32;
  private static final long MAX_BYTES = 1L << 30;

  /** {@code UINT_MAX}: what {@code blk_validate_limits} gives queues with a virt_boundary. */
  private static final long NO_LIMIT = (1L << 32) - 1;

  /** {@code BLK_MAX_SEGMENT_SIZE}. */
  private static final long DEFAULT_SEGMENT = 65_536;

  private BlockReader() {}

  /** The block layer of a client that makes its requests up; null for none. */
  static BlockSpec read(Settings client, MapApi api, WorkloadSpec workload) {
    BlockSpec block = read(client, api);
    if (block == null) {
      return null;
    }
    if (workload.kept() != null) {
      throw client.wrong(LAYER, "has no meaning with map = once");
    }
    long virtBlock = block.limits().virtBoundary() + 1;
    boolean pieces = workload.bytes() > workload.segmentBytes();
    boolean meet = workload.offset() % virtBlock == 0 && workload.segmentBytes() % virtBlock == 0;
    if (pieces && !meet) {
      throw client.wrong(
          VIRT_BOUNDARY,
          "the block layer splits requests whose pieces do not meet at %d bytes; here offset is %d and segment %d"
              .formatted(virtBlock, workload.offset(), workload.segmentBytes()));
    }
    return block;
  }

  /** The block layer of a client that asks again for what a journal holds; null for none. */
  static BlockSpec read(Settings client, MapApi api, RecordedRequests requests) {
    BlockSpec block = read(client, api);
    if (block != null) {
      for (int entry = 0; entry < requests.size(); entry++) {
        checkMeet(client, block.limits().virtBoundary() + 1, requests, entry);
      }
    }
    return block;
  }

  private static void checkMeet(
      Settings client, long virtBlock, RecordedRequests requests, int entry) {
    int last = requests.first()[entry] + requests.ranges()[entry] - 1;
    for (int i = requests.first()[entry]; i < last; i++) {
      long end = requests.phys()[i] + requests.length()[i];
      if (end % virtBlock != 0 || requests.phys()[i + 1] % virtBlock != 0) {
        throw client.wrong(
            VIRT_BOUNDARY,
            "the block layer splits requests whose pieces do not meet at %d bytes, as those of request %d of the journal"
                .formatted(virtBlock, requests.op()[entry]));
      }
    }
  }

  private static BlockSpec read(Settings client, MapApi api) {
    if (client.is(LAYER, "none")) {
      for (String limit : List.of(VIRT_BOUNDARY, MAX_SEGMENT, SEGMENT_BOUNDARY)) {
        if (!client.is(limit, AUTO)) {
          throw client.wrong(limit, "has a meaning only with a block-layer");
        }
      }
      return null;
    }
    BlkRule rule = client.choice(LAYER, LAYERS);
    if (api != MapApi.IOVA) {
      throw client.wrong(LAYER, "has a meaning only with api = iova");
    }
    return new BlockSpec(rule, limits(client));
  }

  private static QueueLimits limits(Settings client) {
    long virtBlock =
        client.is(VIRT_BOUNDARY, "none")
            ? 1
            : client.is(VIRT_BOUNDARY, AUTO) ? Granule.BYTES : boundary(client, VIRT_BOUNDARY);
    long segment =
        client.is(MAX_SEGMENT, AUTO)
            ? virtBlock > 1 ? NO_LIMIT : DEFAULT_SEGMENT
            : client.quantity(MAX_SEGMENT, Quantity.SIZE, Granule.BYTES, MAX_BYTES);
    long segmentBlock =
        client.is(SEGMENT_BOUNDARY, AUTO) ? MAX_BOUNDARY : boundary(client, SEGMENT_BOUNDARY);
    return new QueueLimits(virtBlock - 1, segment, segmentBlock - 1);
  }

  private static long boundary(Settings client, String key) {
    long bytes = client.quantity(key, Quantity.SIZE, MIN_BOUNDARY, MAX_BOUNDARY);
    if (Long.bitCount(bytes) != 1) {
      throw client.wrong(key, bytes + " is not a power of two");
    }
    return bytes;
  }
}
