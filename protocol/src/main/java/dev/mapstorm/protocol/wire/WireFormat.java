package dev.mapstorm.protocol.wire;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.util.Pool;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * Messages and journal entries as bytes: the letters {@code mst}, the format's version, the CRC-32C
 * of all that follows (big-endian), then the class number and the object as {@link MapstormKryo}
 * writes them. Bytes are checked before Kryo sees them. Thread-safe.
 */
public final class WireFormat {
  /** The version that is written, and the only one that is read. */
  public static final int VERSION = 2;

  private static final byte[] MAGIC = {'m', 's', 't'};
  private static final int VERSION_AT = MAGIC.length;
  private static final int CHECKSUM_AT = VERSION_AT + 1;
  private static final int BODY_AT = CHECKSUM_AT + 4;
  private static final byte[] NO_HEADER = new byte[BODY_AT];

  /** A Kryo is expensive to build and serves one thread at a time. */
  private final Pool<Tools> pool =
      new Pool<>(true, true) {
        @Override
        protected Tools create() {
          return new Tools(MapstormKryo.create(), new Output(4096, -1));
        }
      };

  /** A format with an empty pool. */
  public WireFormat() {}

  /**
   * The bytes of a message or journal entry.
   *
   * @throws IllegalArgumentException if {@code value} is of a class that has no number
   */
  public byte[] write(Object value) {
    Objects.requireNonNull(value, "value");
    Tools tools = pool.obtain();
    try {
      Output output = tools.output();
      output.reset();
      output.writeBytes(NO_HEADER);
      tools.kryo().writeClassAndObject(output, value);
      byte[] bytes = output.toBytes();
      ByteBuffer.wrap(bytes).put(MAGIC).put((byte) VERSION).putInt(checksum(bytes));
      return bytes;
    } finally {
      pool.free(tools);
    }
  }

  /**
   * What {@link #write} was given.
   *
   * @throws WireFormatException if the bytes are foreign, of another version or damaged
   */
  public Object read(byte[] bytes) {
    return read(bytes, Object.class);
  }

  /**
   * Like {@link #read(byte[])}, for bytes that must be a {@code T}; of another class nothing is
   * read but its number.
   */
  public <T> T read(byte[] bytes, Class<T> type) {
    check(bytes);
    Tools tools = pool.obtain();
    try (Input input = new Input(bytes, BODY_AT, bytes.length - BODY_AT)) {
      Registration found = tools.kryo().readClass(input);
      Class<?> foundType = found == null ? Void.class : found.getType();
      if (!type.isAssignableFrom(foundType)) {
        throw new WireFormatException(
            "it is a %s, not a %s".formatted(foundType.getSimpleName(), type.getSimpleName()));
      }
      T value = type.cast(tools.kryo().readObject(input, foundType));
      if (input.position() != input.limit()) {
        throw new WireFormatException("bytes follow its object");
      }
      return value;
    } catch (KryoException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new WireFormatException("it makes no object: " + e.getMessage(), e);
    } finally {
      pool.free(tools);
    }
  }

  private static void check(byte[] bytes) {
    if (bytes.length < BODY_AT || !startsWithMagic(bytes)) {
      throw new WireFormatException("it is not mapstorm's: it does not begin with mst");
    }
    int version = bytes[VERSION_AT] & 0xff;
    if (version != VERSION) {
      throw new WireFormatException(refusal(version));
    }
    if (ByteBuffer.wrap(bytes).getInt(CHECKSUM_AT) != checksum(bytes)) {
      throw new WireFormatException("it is damaged: its checksum does not match");
    }
  }

  /** Why bytes of another format are not read. */
  public static String refusal(int version) {
    return "it is of format %d, written by %s version; this version reads format %d"
        .formatted(version, version < VERSION ? "an earlier" : "a later", VERSION);
  }

  private static boolean startsWithMagic(byte[] bytes) {
    for (int i = 0; i < MAGIC.length; i++) {
      if (bytes[i] != MAGIC[i]) {
        return false;
      }
    }
    return true;
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, BODY_AT, bytes.length - BODY_AT);
    return (int) crc.getValue();
  }

  private record Tools(Kryo kryo, Output output) {}
}
