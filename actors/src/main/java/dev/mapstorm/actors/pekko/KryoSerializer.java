package dev.mapstorm.actors.pekko;

import dev.mapstorm.protocol.wire.WireFormat;
import dev.mapstorm.protocol.wire.WireFormatException;
import java.io.NotSerializableException;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/**
 * Pekko's way to {@link WireFormat}, bound in {@code reference.conf} to messages and journal
 * entries. The manifest is the version of the format, so that a journal's table shows which it
 * holds. Thread-safe.
 */
public final class KryoSerializer extends SerializerWithStringManifest {
  /** Stored with every journal row and sent with every message: never changes. */
  public static final int IDENTIFIER = 28_019;

  private final WireFormat format = new WireFormat();

  /** Called by Pekko. */
  public KryoSerializer() {}

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object value) {
    return Integer.toString(WireFormat.VERSION);
  }

  @Override
  public byte[] toBinary(Object value) {
    return format.write(value);
  }

  /**
   * What {@link #toBinary} was given. The version is read from the bytes themselves.
   *
   * @throws NotSerializableException if the bytes are foreign, of another version or damaged; Pekko
   *     drops such a message and keeps the connection
   */
  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    try {
      return format.read(bytes);
    } catch (WireFormatException e) {
      NotSerializableException refused = new NotSerializableException(e.getMessage());
      refused.initCause(e);
      throw refused;
    }
  }
}
