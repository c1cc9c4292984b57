package dev.mapstorm.protocol.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.ImmutableSerializer;
import dev.mapstorm.protocol.event.StreamOpened;

/**
 * Host as a varint, seed in eight bytes (low first), scenario and version in UTF-8 behind their
 * lengths.
 */
final class StreamOpenedSerializer extends ImmutableSerializer<StreamOpened> {

  @Override
  public void write(Kryo kryo, Output output, StreamOpened opened) {
    output.writeVarInt(opened.host(), true);
    output.writeLong(opened.seed());
    RawBytes.write(output, opened.scenario());
    RawBytes.write(output, opened.version());
  }

  @Override
  public StreamOpened read(Kryo kryo, Input input, Class<? extends StreamOpened> type) {
    int host = input.readVarInt(true);
    long seed = input.readLong();
    String scenario = RawBytes.readText(input);
    return new StreamOpened(host, seed, scenario, RawBytes.readText(input));
  }
}
