package dev.mapstorm.actors.host;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.mapstorm.actors.spec.ClientSpec;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.actors.time.HostClock;
import dev.mapstorm.actors.time.MessageHeap;
import dev.mapstorm.protocol.event.EventSink;
import dev.mapstorm.protocol.message.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * A host at an instant, as bytes: all models, all messages in flight, the clock. Taken between two
 * messages, when no mailbox holds anything. A host that goes on from its checkpoint writes the same
 * events as one that was never interrupted.
 *
 * <p>Bytes are only read by the build that wrote them, for the same specification; what both have
 * is not written. Equal states give equal bytes.
 */
public final class HostCheckpoint {
  private static final int INITIAL_BYTES = 256 * 1024;

  private HostCheckpoint() {}

  /**
   * Writes a host down. Called on its lane, between two messages.
   *
   * @param events the sink that the model was made with
   */
  public static byte[] write(HostSpec spec, HostClock clock, HostModel model, EventSink events) {
    CheckpointKryo kryo = new CheckpointKryo(given(spec, clock, events));
    Output out = new Output(INITIAL_BYTES, -1);
    writeClock(kryo, out, clock);
    kryo.write(out, model);
    return out.toBytes();
  }

  /**
   * Reads a host.
   *
   * @param spec equal to the one that it was written with
   * @param clock is set to the instant and given the messages in flight
   * @param events where the model writes from now on
   */
  public static HostModel read(byte[] bytes, HostSpec spec, HostClock clock, EventSink events) {
    CheckpointKryo kryo = new CheckpointKryo(given(spec, clock, events));
    Input in = new Input(bytes);
    readClock(kryo, in, clock);
    return (HostModel) kryo.read(in);
  }

  private static void writeClock(CheckpointKryo kryo, Output out, HostClock clock) {
    MessageHeap heap = clock.inFlight();
    out.writeLong(clock.now());
    out.writeLong(clock.delivered());
    out.writeVarInt(heap.size(), true);
    heap.forEach(
        (due, actor, message) -> {
          out.writeVarLong(due - clock.now(), true);
          out.writeVarInt(actor, true);
          kryo.write(out, message);
        });
  }

  private static void readClock(CheckpointKryo kryo, Input in, HostClock clock) {
    clock.restore(in.readLong(), in.readLong());
    for (int left = in.readVarInt(true); left > 0; left--) {
      clock.send(in.readVarLong(true), in.readVarInt(true), (Message) kryo.read(in));
    }
  }

  /** The objects that a state refers to but that are not part of it. */
  private static List<Object> given(HostSpec spec, HostClock clock, EventSink events) {
    List<Object> given = new ArrayList<>();
    given.add(clock);
    given.add(events);
    given.add(spec.costs());
    given.addAll(spec.iommus());
    given.addAll(spec.devices());
    spec.domains()
        .forEach(
            domain -> {
              given.add(domain);
              given.add(domain.flush());
              given.add(domain.iova());
            });
    spec.clients().forEach(client -> addParts(client, given));
    return given;
  }

  private static void addParts(ClientSpec client, List<Object> given) {
    given.add(client);
    if (client instanceof ClientSpec.Synthetic synthetic) {
      given.add(synthetic.load());
      given.add(synthetic.workload());
    } else if (client instanceof ClientSpec.Recorded recorded) {
      given.add(recorded.requests());
    }
  }
}
