package dev.mapstorm.load.export.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import dev.mapstorm.load.export.timeline.DecodedTimeline.Point;
import dev.mapstorm.load.export.timeline.DecodedTimeline.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decodes a Perfetto trace, with field numbers written down again from {@code
 * protos/perfetto/trace} of the Perfetto sources, and checks on the way what a packet sequence must
 * keep to.
 */
final class PerfettoReader {
  private static final List<Type> TYPES = List.of(Type.BEGIN, Type.END, Type.INSTANT, Type.COUNTER);

  private record Described(String name, boolean counter) {}

  private final Map<Long, String> eventNames = new HashMap<>();
  private final Map<Long, String> annotationNames = new HashMap<>();
  private final Map<Long, Described> tracks = new HashMap<>();
  private final List<Long> processes = new ArrayList<>();
  private final Map<Long, String> threads = new HashMap<>();
  private final DecodedTimeline timeline = new DecodedTimeline();

  /** The timeline in the bytes of a trace. */
  static DecodedTimeline read(byte[] trace) {
    return new PerfettoReader().decode(trace);
  }

  private DecodedTimeline decode(byte[] trace) {
    try {
      UnknownFieldSet file = UnknownFieldSet.parseFrom(trace);
      assertThat(file.asMap().keySet()).containsOnly(1);
      boolean first = true;
      for (var bytes : file.getField(1).getLengthDelimitedList()) {
        packet(UnknownFieldSet.parseFrom(bytes), first);
        first = false;
      }
      return timeline.understand();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("not a trace", e);
    }
  }

  private void packet(UnknownFieldSet packet, boolean first) throws InvalidProtocolBufferException {
    assertThat(packet.asMap().keySet()).isSubsetOf(8, 10, 11, 12, 13, 60, 87);
    assertThat(number(packet, 10)).as("trusted_packet_sequence_id").isEqualTo(1);
    assertThat(packet.hasField(87)).as("first_packet_on_sequence").isEqualTo(first);
    if (first) {
      assertThat(number(packet, 13)).as("SEQ_INCREMENTAL_STATE_CLEARED").isEqualTo(1);
    }
    if (packet.hasField(12)) {
      intern(message(packet, 12));
    }
    if (packet.hasField(60)) {
      describe(message(packet, 60));
    } else {
      assertThat(number(packet, 13)).as("SEQ_NEEDS_INCREMENTAL_STATE").isEqualTo(2);
      assertThat(packet.hasField(8)).as("timestamp").isTrue();
      event(number(packet, 8), message(packet, 11));
    }
  }

  private void intern(UnknownFieldSet interned) throws InvalidProtocolBufferException {
    assertThat(interned.asMap().keySet()).isSubsetOf(2, 3);
    for (var bytes : interned.getField(2).getLengthDelimitedList()) {
      UnknownFieldSet entry = UnknownFieldSet.parseFrom(bytes);
      assertThat(eventNames.put(number(entry, 1), text(entry, 2))).isNull();
    }
    for (var bytes : interned.getField(3).getLengthDelimitedList()) {
      UnknownFieldSet entry = UnknownFieldSet.parseFrom(bytes);
      assertThat(annotationNames.put(number(entry, 1), text(entry, 2))).isNull();
    }
  }

  private void describe(UnknownFieldSet track) throws InvalidProtocolBufferException {
    assertThat(track.asMap().keySet()).isSubsetOf(1, 2, 3, 4, 5, 8);
    long uuid = number(track, 1);
    assertThat(uuid).isPositive();
    assertThat(tracks.put(uuid, new Described(text(track, 2), track.hasField(8)))).isNull();
    if (track.hasField(3)) {
      assertThat(number(message(track, 3), 1)).isPositive();
      processes.add(uuid);
      return;
    }
    assertThat(processes).contains(number(track, 5));
    if (track.hasField(4)) {
      UnknownFieldSet thread = message(track, 4);
      assertThat(number(thread, 1)).isPositive();
      assertThat(threads.put(number(thread, 2), text(thread, 5))).as("thread number").isNull();
    }
    if (track.hasField(8)) {
      assertThat(number(message(track, 8), 3)).isIn(2L, 3L);
    }
  }

  private void event(long t, UnknownFieldSet event) throws InvalidProtocolBufferException {
    assertThat(event.asMap().keySet()).isSubsetOf(4, 9, 10, 11, 30, 47, 48);
    Type type = TYPES.get((int) number(event, 9) - 1);
    long uuid = number(event, 11);
    assertThat(tracks).containsKey(uuid);
    Described track = tracks.get(uuid);
    assertThat(track.counter()).isEqualTo(type == Type.COUNTER);
    boolean named = type == Type.BEGIN || type == Type.INSTANT;
    assertThat(event.hasField(10)).isEqualTo(named);
    String name = named ? eventNames.get(number(event, 10)) : "";
    assertThat(name).as("an interned name").isNotNull();
    boolean ends = event.hasField(48);
    Field flow = ends ? event.getField(48) : event.getField(47);
    timeline.add(
        new Point(
            t,
            type,
            Long.toString(uuid),
            track.name(),
            name,
            annotations(event),
            type == Type.COUNTER ? number(event, 30) : 0,
            flow.getFixed64List().isEmpty() ? 0 : flow.getFixed64List().get(0),
            ends));
  }

  private Map<String, Object> annotations(UnknownFieldSet event)
      throws InvalidProtocolBufferException {
    Map<String, Object> arguments = new TreeMap<>();
    for (var bytes : event.getField(4).getLengthDelimitedList()) {
      UnknownFieldSet annotation = UnknownFieldSet.parseFrom(bytes);
      assertThat(annotation.asMap().keySet()).hasSize(2).contains(1).isSubsetOf(1, 4, 6, 7);
      String name = annotationNames.get(number(annotation, 1));
      assertThat(name).as("an interned name").isNotNull();
      Object value =
          annotation.hasField(6)
              ? text(annotation, 6)
              : Long.valueOf(number(annotation, annotation.hasField(4) ? 4 : 7));
      assertThat(arguments.put(name, value)).isNull();
    }
    return arguments;
  }

  private static long number(UnknownFieldSet message, int field) {
    List<Long> values = message.getField(field).getVarintList();
    assertThat(values).as("field %d", field).hasSize(1);
    return values.get(0);
  }

  private static String text(UnknownFieldSet message, int field) {
    return message.getField(field).getLengthDelimitedList().get(0).toStringUtf8();
  }

  private static UnknownFieldSet message(UnknownFieldSet of, int field)
      throws InvalidProtocolBufferException {
    return UnknownFieldSet.parseFrom(of.getField(field).getLengthDelimitedList().get(0));
  }
}
