package dev.mapstorm.load.export.timeline;

/**
 * Field numbers and constants of Perfetto's trace format, as far as they are written: {@code
 * protos/perfetto/trace/} of the Perfetto sources. A published number never changes its meaning.
 */
final class PerfettoFields {
  private PerfettoFields() {}

  /** {@code trace.proto}. */
  static final int TRACE_PACKET = 1;

  /** {@code trace_packet.proto}, message TracePacket. */
  static final class Packet {
    static final int TIMESTAMP = 8;
    static final int SEQUENCE_ID = 10;
    static final int TRACK_EVENT = 11;
    static final int INTERNED_DATA = 12;
    static final int SEQUENCE_FLAGS = 13;
    static final int TRACK_DESCRIPTOR = 60;
    static final int FIRST_PACKET_ON_SEQUENCE = 87;

    /** SEQ_INCREMENTAL_STATE_CLEARED. */
    static final int STATE_CLEARED = 1;

    /** SEQ_NEEDS_INCREMENTAL_STATE. */
    static final int NEEDS_STATE = 2;

    private Packet() {}
  }

  /** {@code interned_data/interned_data.proto}; its entries have IID and NAME. */
  static final class Interned {
    static final int EVENT_NAMES = 2;
    static final int ANNOTATION_NAMES = 3;
    static final int IID = 1;
    static final int NAME = 2;

    private Interned() {}
  }

  /** {@code track_event/track_descriptor.proto}. */
  static final class Descriptor {
    static final int UUID = 1;
    static final int NAME = 2;
    static final int PROCESS = 3;
    static final int THREAD = 4;
    static final int PARENT_UUID = 5;
    static final int COUNTER = 8;

    private Descriptor() {}
  }

  /** {@code track_event/process_descriptor.proto}. */
  static final class Process {
    static final int PID = 1;
    static final int NAME = 6;

    private Process() {}
  }

  /** {@code track_event/thread_descriptor.proto}. */
  static final class Thread {
    static final int PID = 1;
    static final int TID = 2;
    static final int NAME = 5;

    private Thread() {}
  }

  /** {@code track_event/counter_descriptor.proto}. */
  static final class Counter {
    static final int UNIT = 3;

    /** UNIT_COUNT. */
    static final int COUNT = 2;

    /** UNIT_SIZE_BYTES. */
    static final int BYTES = 3;

    private Counter() {}
  }

  /** {@code track_event/track_event.proto}. */
  static final class Event {
    static final int ANNOTATIONS = 4;
    static final int TYPE = 9;
    static final int NAME_IID = 10;
    static final int TRACK_UUID = 11;
    static final int COUNTER_VALUE = 30;
    static final int FLOW_IDS = 47;
    static final int TERMINATING_FLOW_IDS = 48;

    /** TYPE_SLICE_BEGIN. */
    static final int BEGIN = 1;

    /** TYPE_SLICE_END. */
    static final int END = 2;

    /** TYPE_INSTANT. */
    static final int INSTANT = 3;

    /** TYPE_COUNTER. */
    static final int COUNTER = 4;

    private Event() {}
  }

  /** {@code track_event/debug_annotation.proto}. */
  static final class Annotation {
    static final int NAME_IID = 1;
    static final int INT_VALUE = 4;
    static final int STRING_VALUE = 6;
    static final int POINTER_VALUE = 7;

    private Annotation() {}
  }
}
