package dev.mapstorm.load.export.timeline;

import com.google.protobuf.CodedOutputStream;
import dev.mapstorm.load.export.timeline.PerfettoFields.Annotation;
import dev.mapstorm.load.export.timeline.PerfettoFields.Counter;
import dev.mapstorm.load.export.timeline.PerfettoFields.Descriptor;
import dev.mapstorm.load.export.timeline.PerfettoFields.Event;
import dev.mapstorm.load.export.timeline.PerfettoFields.Interned;
import dev.mapstorm.load.export.timeline.PerfettoFields.Packet;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * Perfetto's own trace: track events, all in one packet sequence, with interned names. A host is a
 * process, a CPU a thread. The clock is the trace's default, which nothing else in it uses.
 *
 * <p>A trace file is not in the order of time, as that of Perfetto's own service is not: a reader
 * sorts it. Packets of equal instants keep their order.
 */
public final class PerfettoWriter implements TimelineWriter, Arguments.Visitor {
  private static final int SEQUENCE = 1;
  private static final int BUFFER_BYTES = 1 << 16;

  /** Tracks of hosts are numbered from here, above those of {@link Track#id}. */
  private static final long HOST_UUIDS = 1L << 40;

  private final CodedOutputStream out;
  private final Map<String, Long> eventNames = new HashMap<>();
  private final Map<String, Long> annotationNames = new HashMap<>();
  private final ProtoMessage packet = new ProtoMessage();
  private final ProtoMessage event = new ProtoMessage();
  private final ProtoMessage interned = new ProtoMessage();
  private final ProtoMessage part = new ProtoMessage();
  private final ProtoMessage descriptor = new ProtoMessage();
  private long packets;

  /** Writes to {@code stream}, which is not closed. */
  public PerfettoWriter(OutputStream stream) {
    out = CodedOutputStream.newInstance(stream, BUFFER_BYTES);
  }

  @Override
  public void host(int host, String name) throws IOException {
    part.clear()
        .number(PerfettoFields.Process.PID, ThreadNumbers.process(host))
        .text(PerfettoFields.Process.NAME, name);
    descriptor
        .clear()
        .number(Descriptor.UUID, HOST_UUIDS + host)
        .text(Descriptor.NAME, name)
        .message(Descriptor.PROCESS, part);
    describe();
  }

  @Override
  public void track(Track track) throws IOException {
    descriptor
        .clear()
        .number(Descriptor.UUID, track.id())
        .text(Descriptor.NAME, track.name())
        .number(Descriptor.PARENT_UUID, HOST_UUIDS + track.host());
    if (track.kind() == Track.Kind.THREAD) {
      part.clear()
          .number(PerfettoFields.Thread.PID, ThreadNumbers.process(track.host()))
          .number(PerfettoFields.Thread.TID, ThreadNumbers.thread(track))
          .text(PerfettoFields.Thread.NAME, track.name());
      descriptor.message(Descriptor.THREAD, part);
    } else if (track.isCounter()) {
      boolean bytes = track.kind() == Track.Kind.BYTES;
      part.clear().number(Counter.UNIT, bytes ? Counter.BYTES : Counter.COUNT);
      descriptor.message(Descriptor.COUNTER, part);
    }
    describe();
  }

  private void describe() throws IOException {
    packet.clear();
    if (packets == 0) {
      packet
          .number(Packet.SEQUENCE_FLAGS, Packet.STATE_CLEARED)
          .number(Packet.FIRST_PACKET_ON_SEQUENCE, 1);
    }
    packet.message(Packet.TRACK_DESCRIPTOR, descriptor);
    writePacket();
  }

  @Override
  public void begin(Track track, long t, String name, Arguments arguments, Flow flow)
      throws IOException {
    open(track, Event.BEGIN);
    event.number(Event.NAME_IID, intern(eventNames, Interned.EVENT_NAMES, name));
    if (flow.exists()) {
      boolean last = flow.step() == Flow.Step.END;
      event.fixed(last ? Event.TERMINATING_FLOW_IDS : Event.FLOW_IDS, flow.id());
    }
    arguments.forEach(this);
    write(t);
  }

  @Override
  public void end(Track track, long t, Arguments arguments) throws IOException {
    open(track, Event.END);
    arguments.forEach(this);
    write(t);
  }

  @Override
  public void instant(Track track, long t, String name, Arguments arguments) throws IOException {
    open(track, Event.INSTANT);
    event.number(Event.NAME_IID, intern(eventNames, Interned.EVENT_NAMES, name));
    arguments.forEach(this);
    write(t);
  }

  @Override
  public void counter(Track track, long t, long value) throws IOException {
    open(track, Event.COUNTER);
    event.number(Event.COUNTER_VALUE, value);
    write(t);
  }

  private void open(Track track, int type) throws IOException {
    interned.clear();
    event.clear().number(Event.TYPE, type).number(Event.TRACK_UUID, track.id());
  }

  private void write(long t) throws IOException {
    packet
        .clear()
        .number(Packet.TIMESTAMP, t)
        .number(Packet.SEQUENCE_FLAGS, Packet.NEEDS_STATE)
        .message(Packet.TRACK_EVENT, event);
    if (!interned.isEmpty()) {
      packet.message(Packet.INTERNED_DATA, interned);
    }
    writePacket();
  }

  private void writePacket() throws IOException {
    packet.number(Packet.SEQUENCE_ID, SEQUENCE);
    packet.writeTo(out, PerfettoFields.TRACE_PACKET);
    packets++;
  }

  /** The number of a name; defines it in the packet that is being made if it is new. */
  private long intern(Map<String, Long> names, int field, String name) throws IOException {
    Long known = names.get(name);
    if (known != null) {
      return known;
    }
    long number = names.size() + 1L;
    names.put(name, number);
    part.clear().number(Interned.IID, number).text(Interned.NAME, name);
    interned.message(field, part);
    return number;
  }

  @Override
  public void number(String name, long value) throws IOException {
    annotate(named(name).number(Annotation.INT_VALUE, value));
  }

  @Override
  public void address(String name, long value) throws IOException {
    annotate(named(name).number(Annotation.POINTER_VALUE, value));
  }

  @Override
  public void text(String name, String value) throws IOException {
    annotate(named(name).text(Annotation.STRING_VALUE, value));
  }

  private ProtoMessage named(String name) throws IOException {
    long iid = intern(annotationNames, Interned.ANNOTATION_NAMES, name);
    return part.clear().number(Annotation.NAME_IID, iid);
  }

  private void annotate(ProtoMessage annotation) throws IOException {
    event.message(Event.ANNOTATIONS, annotation);
  }

  @Override
  public void finish() throws IOException {
    out.flush();
  }

  @Override
  public long written() {
    return packets;
  }
}
