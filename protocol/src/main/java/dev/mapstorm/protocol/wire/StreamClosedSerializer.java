package dev.mapstorm.protocol.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.ImmutableSerializer;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.StreamClosed;

/** End, batches and events as varints, then the hash. */
final class StreamClosedSerializer extends ImmutableSerializer<StreamClosed> {

  @Override
  public void write(Kryo kryo, Output output, StreamClosed closed) {
    output.writeVarLong(closed.end(), true);
    output.writeVarLong(closed.batches(), true);
    output.writeVarLong(closed.events(), true);
    RawBytes.writeFixed(output, closed.hash(), HashChain.BYTES);
  }

  @Override
  public StreamClosed read(Kryo kryo, Input input, Class<? extends StreamClosed> type) {
    long end = input.readVarLong(true);
    long batches = input.readVarLong(true);
    long events = input.readVarLong(true);
    return new StreamClosed(end, batches, events, input.readBytes(HashChain.BYTES));
  }
}
