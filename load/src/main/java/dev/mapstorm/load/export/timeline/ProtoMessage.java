package dev.mapstorm.load.export.timeline;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.Arrays;

/**
 * A protobuf message that is written field by field and then put into another one, which needs its
 * length first. Grows as needed; reused. Not thread-safe.
 */
final class ProtoMessage {
  /** Most bytes of a field that is no message or text: tag and ten bytes of a varint. */
  private static final int FIELD_BYTES = 16;

  private static final int BYTES_OF_A_CHAR = 3;

  private byte[] bytes = new byte[256];
  private int size;
  private CodedOutputStream out = CodedOutputStream.newInstance(bytes);

  /** Forgets all fields. */
  ProtoMessage clear() {
    size = 0;
    out = CodedOutputStream.newInstance(bytes);
    return this;
  }

  /** Whether it has no field. */
  boolean isEmpty() {
    return length() == 0;
  }

  /** A field of type {@code uint32}, {@code uint64}, {@code int64} or enum. */
  ProtoMessage number(int field, long value) throws IOException {
    reserve(FIELD_BYTES);
    out.writeUInt64(field, value);
    return this;
  }

  /** A field of type {@code fixed64}. */
  ProtoMessage fixed(int field, long value) throws IOException {
    reserve(FIELD_BYTES);
    out.writeFixed64(field, value);
    return this;
  }

  /** A field of type {@code string}. */
  ProtoMessage text(int field, String value) throws IOException {
    reserve(FIELD_BYTES + BYTES_OF_A_CHAR * value.length());
    out.writeString(field, value);
    return this;
  }

  /** A field that is a message. */
  ProtoMessage message(int field, ProtoMessage value) throws IOException {
    int length = value.length();
    reserve(FIELD_BYTES + length);
    out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(length);
    out.writeRawBytes(value.bytes, 0, length);
    return this;
  }

  /** Writes it as a field of a message that is a stream. */
  void writeTo(CodedOutputStream stream, int field) throws IOException {
    int length = length();
    stream.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    stream.writeUInt32NoTag(length);
    stream.writeRawBytes(bytes, 0, length);
  }

  private int length() {
    return size + out.getTotalBytesWritten();
  }

  private void reserve(int more) {
    int length = length();
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
      size = length;
      out = CodedOutputStream.newInstance(bytes, size, bytes.length - size);
    }
  }
}
