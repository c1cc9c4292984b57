package dev.mapstorm.actors.host;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.actors.time.MessageHeap;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.message.Message;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;

/**
 * A host at an instant, as bytes: all models, all messages in flight, the clock. Taken between two
 * messages, when no mailbox holds anything. A host that goes on from its checkpoint writes the same
 * events as one that was never interrupted.
 *
 * <p>Bytes are only read by a build with the same classes, for the same specification; what both
 * have is not written. Equal states give equal bytes. One for each host and clock, used on its lane
 * only.
 */
public final class HostCheckpoint {
  private static final int INITIAL_BYTES = 256 * 1024;

  private final HostSpec spec;
  private final Kinds kinds;
  private final HostClock clock;
  private final EventSink events;

  /** Null until the first checkpoint: many hosts never come to one. */
  private CheckpointKryo kryo;

  private Output out;

  /**
   * For the checkpoints of one host.
   *
   * @param spec of the host, equal for writing and reading
   * @param kinds of units and backends
   * @param clock that the models were made with, or will be
   * @param events the sink that they write into
   */
  public HostCheckpoint(HostSpec spec, Kinds kinds, HostClock clock, EventSink events) {
    this.spec = spec;
    this.kinds = kinds;
    this.clock = clock;
    this.events = events;
  }

  private CheckpointKryo kryo() {
    if (kryo == null) {
      kryo = new CheckpointKryo(kinds, given(spec, clock, events));
    }
    kryo.reset();
    return kryo;
  }

  /** Writes a host down. Called between two messages. */
  public byte[] write(HostModel model) {
    CheckpointKryo writer = kryo();
    if (out == null) {
      out = new Output(INITIAL_BYTES, -1);
    }
    out.reset();
    out.writeInt(writer.layout());
    writeClock(writer);
    writer.write(out, model);
    return out.toBytes();
  }

  /**
   * Reads a host. The clock is set to its instant and given the messages in flight.
   *
   * @throws UnreadableCheckpointException if the bytes were written by a build with other classes,
   *     or make no host; the clock is of no use then
   */
  public HostModel read(byte[] bytes) {
    CheckpointKryo reader = kryo();
    Input in = new Input(bytes);
    if (bytes.length < Integer.BYTES || in.readInt() != reader.layout()) {
      throw UnreadableCheckpointException.anotherBuild();
    }
    try {
      readClock(reader, in);
      return (HostModel) reader.read(in);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      // Whatever bytes that are none of a host lead to: other classes, depths or lengths.
      throw UnreadableCheckpointException.wrong(e);
    }
  }

  private void writeClock(CheckpointKryo writer) {
    MessageHeap heap = clock.inFlight();
    out.writeLong(clock.now());
    out.writeLong(clock.delivered());
    out.writeVarInt(heap.size(), true);
    heap.forEach(
        (due, actor, message) -> {
          out.writeVarLong(due - clock.now(), true);
          out.writeVarInt(actor, true);
          writer.write(out, message);
        });
  }

  private void readClock(CheckpointKryo reader, Input in) {
    clock.restore(in.readLong(), in.readLong());
    for (int left = in.readVarInt(true); left > 0; left--) {
      clock.send(in.readVarLong(true), in.readVarInt(true), (Message) reader.read(in));
    }
  }

  /** The objects that a state refers to but that are not part of it: all records of the spec. */
  private static List<Object> given(HostSpec spec, HostClock clock, EventSink events) {
    List<Object> given = new ArrayList<>();
    given.add(clock);
    given.add(events);
    addRecords(spec, given);
    return given;
  }

  private static void addRecords(Object part, List<Object> given) {
    if (part instanceof List<?> list) {
      list.forEach(each -> addRecords(each, given));
    } else if (part instanceof Record) {
      given.add(part);
      for (RecordComponent component : part.getClass().getRecordComponents()) {
        addRecords(valueOf(component, part), given);
      }
    }
  }

  private static Object valueOf(RecordComponent component, Object part) {
    Method accessor = component.getAccessor();
    accessor.setAccessible(true);
    try {
      return accessor.invoke(part);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a specification hides its " + component.getName(), e);
    }
  }
}
