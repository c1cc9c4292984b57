package dev.mapstorm.protocol.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.ImmutableSerializer;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.HashChain;
import java.util.Arrays;

/**
 * Index, count, first and last instant as varints; the number of kinds that occur and, for each,
 * code and count as varints; the payload behind its length; the hash.
 */
final class EventBatchSerializer extends ImmutableSerializer<EventBatch> {

  @Override
  public void write(Kryo kryo, Output output, EventBatch batch) {
    output.writeVarLong(batch.index(), true);
    output.writeVarInt(batch.count(), true);
    output.writeVarLong(batch.first(), true);
    output.writeVarLong(batch.last(), true);
    int[] kinds = batch.kindCounts();
    output.writeVarInt((int) Arrays.stream(kinds).filter(n -> n != 0).count(), true);
    for (int code = 0; code < kinds.length; code++) {
      if (kinds[code] != 0) {
        output.writeVarInt(code, true);
        output.writeVarInt(kinds[code], true);
      }
    }
    RawBytes.write(output, batch.payload());
    RawBytes.writeFixed(output, batch.hash(), HashChain.BYTES);
  }

  @Override
  public EventBatch read(Kryo kryo, Input input, Class<? extends EventBatch> type) {
    long index = input.readVarLong(true);
    int count = input.readVarInt(true);
    long first = input.readVarLong(true);
    long last = input.readVarLong(true);
    int[] kinds = readKinds(input);
    byte[] payload = RawBytes.read(input);
    return new EventBatch(
        index, count, first, last, kinds, payload, input.readBytes(HashChain.BYTES));
  }

  private static int[] readKinds(Input input) {
    int[] kinds = new int[EventKind.CODES];
    for (int left = input.readVarInt(true); left > 0; left--) {
      int code = input.readVarInt(true);
      if (EventKind.of(code) == null) {
        throw new WireFormatException("a batch counts events of the unknown kind " + code);
      }
      kinds[code] = input.readVarInt(true);
    }
    return kinds;
  }
}
