package dev.mapstorm.actors.driver;

import dev.mapstorm.actors.model.memory.ScatteredMemory;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.WorkloadSpec;
import dev.mapstorm.actors.time.SplitMix;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.MapApi;
import java.util.Arrays;

/** Makes up the requests of a synthetic client: which memory, and which way. Not thread-safe. */
final class SyntheticRequests implements RequestSource {
  private static final long MEMORY = 1;
  private static final long DIRECTION = 2;

  /** Number of the first request that maps a buffer in the place of a worn one. */
  private static final long RENEWED = 1L << 39;

  private final WorkloadSpec spec;
  private final long limit;
  private final ScatteredMemory memory;
  private final SplitMix directions;
  private final int[] lengths;
  private final long[][] pool;
  private final KeptBuffers kept;
  private long issued;
  private long renewals;

  SyntheticRequests(int client, ClientSpec.Synthetic synthetic, long hostSeed) {
    spec = synthetic.workload();
    limit = synthetic.load().requests();
    long seed = SplitMix.derive(hostSeed, client);
    memory =
        new ScatteredMemory(
            client, spec.segmentBytes(), new SplitMix(SplitMix.derive(seed, MEMORY)).next());
    directions = new SplitMix(SplitMix.derive(seed, DIRECTION));
    lengths = lengths(spec);
    kept = spec.kept() == null ? null : new KeptBuffers(spec);
    pool = new long[kept == null ? spec.buffers() : 0][];
    Arrays.setAll(pool, i -> scattered());
  }

  private static int[] lengths(WorkloadSpec spec) {
    int bytes = spec.mappedBytes();
    int pieces = (bytes - 1) / spec.segmentBytes() + 1;
    int[] lengths = new int[pieces];
    Arrays.fill(lengths, spec.segmentBytes());
    lengths[pieces - 1] = bytes - (pieces - 1) * spec.segmentBytes();
    return lengths;
  }

  private long[] scattered() {
    long[] pieces = new long[lengths.length];
    for (int i = 0; i < pieces.length; i++) {
      pieces[i] = memory.nextPiece() + spec.offset();
    }
    return pieces;
  }

  @Override
  public boolean hasNext() {
    return wants() && (kept == null || kept.hasFree());
  }

  @Override
  public boolean wants() {
    return limit == 0 || issued < limit;
  }

  @Override
  public void next(DmaRequest request, int slot, MapApi api, long since) {
    if (kept == null) {
      request.begin(issued++, api, direction(), buffer(slot), lengths, since);
      request.iova = spec.iovaOf(slot);
    } else {
      // They come after the requests that map the buffers, also by number.
      kept.next(request, spec.buffers() + issued++, direction(), since);
    }
  }

  @Override
  public KeptBuffers kept() {
    return kept;
  }

  @Override
  public void nextBuffer(DmaRequest buffer, MapApi api, long since) {
    int number = kept.begin();
    buffer.begin(number, api, bufferDirection(), scattered(), lengths, since);
    buffer.iova = spec.iovaOf(number);
  }

  private Direction bufferDirection() {
    return switch (spec.readPercent()) {
      case 0 -> Direction.TO_DEVICE;
      case 100 -> Direction.FROM_DEVICE;
      default -> Direction.BIDIRECTIONAL;
    };
  }

  @Override
  public void renewBuffer(DmaRequest buffer, int place, MapApi api, long since) {
    buffer.begin(RENEWED + renewals++, api, bufferDirection(), scattered(), lengths, since);
    buffer.iova = spec.iovaOf(place);
  }

  /** The slot's own buffer while the pool lasts, fresh pages without a pool. */
  private long[] buffer(int slot) {
    return pool.length == 0 ? scattered() : pool[slot % pool.length];
  }

  private Direction direction() {
    return directions.below(100) < spec.readPercent() ? Direction.FROM_DEVICE : Direction.TO_DEVICE;
  }
}
