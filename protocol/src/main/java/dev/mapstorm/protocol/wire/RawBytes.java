package dev.mapstorm.protocol.wire;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.nio.charset.StandardCharsets;

/** Bytes as they are, behind their number where it can vary. */
final class RawBytes {
  private RawBytes() {}

  static void writeFixed(Output output, byte[] bytes, int length) {
    if (bytes.length != length) {
      throw new IllegalArgumentException(
          "%d bytes where %d belong".formatted(bytes.length, length));
    }
    output.writeBytes(bytes);
  }

  static void write(Output output, byte[] bytes) {
    output.writeVarInt(bytes.length, true);
    output.writeBytes(bytes);
  }

  static byte[] read(Input input) {
    int length = input.readVarInt(true);
    if (length < 0 || length > input.limit() - input.position()) {
      throw new WireFormatException(
          "%d bytes should follow, %d do".formatted(length, input.limit() - input.position()));
    }
    return input.readBytes(length);
  }

  static void write(Output output, String text) {
    write(output, text.getBytes(StandardCharsets.UTF_8));
  }

  static String readText(Input input) {
    return new String(read(input), StandardCharsets.UTF_8);
  }
}
