package dev.mapstorm.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.Kryo;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamOpened;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import dev.mapstorm.protocol.message.IommuMessage;
import dev.mapstorm.protocol.message.Message;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WireFormatTest {
  private final WireFormat format = new WireFormat();

  static Stream<Class<?>> classes() {
    return Stream.of(Message.class, JournalEntry.class).flatMap(WireFormatTest::records);
  }

  @Test
  void everyClassHasItsNumberForEver() {
    Kryo kryo = MapstormKryo.create();
    List<String> table =
        Stream.concat(Stream.of(byte[].class, int[].class, long[].class, DmaError.class), classes())
            .map(kryo::getRegistration)
            .sorted((a, b) -> Integer.compare(a.getId(), b.getId()))
            .map(r -> r.getId() + " " + name(r.getType()))
            .toList();

    assertThat(table)
        .containsExactly(
            "20 byte[]",
            "21 int[]",
            "22 long[]",
            "23 DmaError",
            "30 StreamOpened",
            "31 EventBatch",
            "32 StreamClosed",
            "40 DriverMessage.Start",
            "41 DriverMessage.Wake",
            "42 DriverMessage.Completed",
            "43 DriverMessage.Stolen",
            "44 DriverMessage.Mapped",
            "45 DriverMessage.BatchStarted",
            "46 DriverMessage.BatchAdded",
            "47 DriverMessage.IovaReady",
            "48 DriverMessage.Linked",
            "49 DriverMessage.Unlinked",
            "50 DriverMessage.Unmapped",
            "51 DriverMessage.CallFailed",
            "60 DomainMessage.MapPage",
            "61 DomainMessage.MapSg",
            "62 DomainMessage.BatchStart",
            "63 DomainMessage.BatchAdd",
            "64 DomainMessage.BatchFinalise",
            "65 DomainMessage.IovaTryAlloc",
            "66 DomainMessage.IovaLink",
            "67 DomainMessage.IovaSync",
            "68 DomainMessage.IovaUnlink",
            "69 DomainMessage.IovaDestroy",
            "70 DomainMessage.IovaFree",
            "71 DomainMessage.AllocCoherent",
            "72 DomainMessage.Unmap",
            "73 DomainMessage.Walk",
            "74 DomainMessage.Invalidated",
            "75 DomainMessage.Resume",
            "76 DomainMessage.FlushTimer",
            "77 DomainMessage.DepotWork",
            "90 IommuMessage.Translate",
            "91 IommuMessage.Walked",
            "92 IommuMessage.Invalidate",
            "93 IommuMessage.InvalidationDone",
            "100 DeviceMessage.Doorbell",
            "101 DeviceMessage.Ready",
            "102 DeviceMessage.Translated",
            "103 DeviceMessage.Transferred");
  }

  @ParameterizedTest
  @MethodSource("classes")
  void everyRecordIsReadAsItWasWritten(Class<?> type) throws Exception {
    Object value = sample(type);

    Object read = format.read(format.write(value), type);

    assertThat(read).usingRecursiveComparison().isEqualTo(value);
  }

  @Test
  void refusesClassesWithoutANumber() {
    assertThatThrownBy(() -> format.write(new StringBuilder()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("StringBuilder");
    assertThatThrownBy(() -> format.write(null)).isInstanceOf(NullPointerException.class);
  }

  /** If one of these fails, bytes already stored can no longer be read. */
  @Test
  void theBytesStayAsTheyAre() {
    byte[] hash = new byte[HashChain.BYTES];
    Arrays.fill(hash, (byte) 0xab);
    int[] kinds = new int[EventKind.CODES];
    kinds[EventKind.SUBMITTED.code()] = 300;
    kinds[EventKind.CPU_STOLEN.code()] = 1;

    assertThat(
            Stream.of(
                    new StreamOpened(3, -2, "seed = 1", "0.1"),
                    new EventBatch(200, 301, 5, 90_000, kinds, new byte[] {1, 2, 3}, hash),
                    new StreamClosed(1_000_000, 201, 60_200, hash),
                    new DriverMessage.Mapped(7, 1, 5, new long[] {0xffffe000L, 4096}),
                    new DriverMessage.CallFailed(7, 1, DmaError.NO_IOVA),
                    new DomainMessage.MapSg(1, 2, 3, 1, new long[] {4096}, new int[] {512}),
                    new IommuMessage.Walked(9, 4, new byte[] {12, 21}, -1))
                .map(this::hex))
        .containsExactly(
            "6d7374013733e3db2003feffffffffffffff0873656564203d203103302e31",
            "6d73740105fd8d0d21c801ad020590bf050246ac02510103010203"
                + "abababababababababababababababababababababababababababababababab",
            "6d73740148cac97822c0843dc901a8d603abababababababababababababababababababababababababababababababab",
            "6d737401793f4b602e020a0e038080ffff1f8040",
            "6d73740120f400673502010e",
            "6d737401ed33b3f03f02040202800806028040",
            "6d737401d33535cd5d01030c150812");
  }

  @Test
  void namesTheVersionFoundAndTheOneSupported() {
    byte[] bytes = format.write(new DriverMessage.Start());
    bytes[3] = 2;

    assertThatThrownBy(() -> format.read(bytes))
        .isInstanceOf(WireFormatException.class)
        .hasMessage("it is in format 2, this version of mapstorm reads format 1");
  }

  @Test
  void refusesForeignBytes() {
    for (String foreign : List.of("", "mst", "SQLite format 3")) {
      assertThatThrownBy(() -> format.read(foreign.getBytes()))
          .isInstanceOf(WireFormatException.class)
          .hasMessage("it is not mapstorm's: it does not begin with mst");
    }
  }

  @Test
  void noSingleByteCanChangeUnnoticed() throws Exception {
    byte[] bytes = format.write(sample(EventBatch.class));
    for (int i = 0; i < bytes.length; i++) {
      byte[] changed = bytes.clone();
      changed[i] ^= 0x10;
      assertThatThrownBy(() -> format.read(changed)).isInstanceOf(WireFormatException.class);
      byte[] shortened = Arrays.copyOf(bytes, i);
      assertThatThrownBy(() -> format.read(shortened)).isInstanceOf(WireFormatException.class);
    }
  }

  @Test
  void refusesAnotherClassThanTheOneExpected() {
    byte[] bytes = format.write(new DriverMessage.Start());

    assertThatThrownBy(() -> format.read(bytes, JournalEntry.class))
        .isInstanceOf(WireFormatException.class)
        .hasMessage("it is a Start, not a JournalEntry");
  }

  @Test
  void oneFormatServesManyThreads() {
    List<Long> ops =
        IntStream.range(0, 20_000)
            .parallel()
            .mapToObj(op -> new DriverMessage.Mapped(op, 0, op, new long[] {op, 1}))
            .map(message -> format.read(format.write(message), DriverMessage.Mapped.class).op())
            .toList();

    assertThat(ops).hasSize(20_000).isSorted().doesNotHaveDuplicates();
  }

  private String hex(Object value) {
    return HexFormat.of().formatHex(format.write(value));
  }

  private static Stream<Class<?>> records(Class<?> type) {
    return type.isRecord()
        ? Stream.of(type)
        : Arrays.stream(type.getPermittedSubclasses()).flatMap(WireFormatTest::records);
  }

  private static String name(Class<?> type) {
    Class<?> outer = type.getDeclaringClass();
    return (outer == null ? "" : outer.getSimpleName() + ".") + type.getSimpleName();
  }

  /** A value of the record with a different number in each component. */
  private static Object sample(Class<?> type) throws Exception {
    List<Object> values = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      values.add(sample(component, values.size() + 1));
    }
    return type.getDeclaredConstructors()[0].newInstance(values.toArray());
  }

  private static Object sample(RecordComponent component, int i) {
    Class<?> type = component.getType();
    if (type == int.class) {
      return 1000 * i;
    } else if (type == long.class) {
      return (1L << 51) + i;
    } else if (type == boolean.class) {
      return true;
    } else if (type == String.class) {
      return "text äöü " + i;
    } else if (type == DmaError.class) {
      return DmaError.OUT_OF_RANGE;
    } else if (type == long[].class) {
      return new long[] {1L << 50, i};
    } else if (type == int[].class) {
      return component.getName().equals("kindCounts") ? kindCounts(i) : new int[] {1 << 30, i};
    } else if (type == byte[].class) {
      return filled(component.getName().equals("hash") ? HashChain.BYTES : 5, i);
    }
    throw new AssertionError("no sample for " + component);
  }

  private static int[] kindCounts(int n) {
    int[] counts = new int[EventKind.CODES];
    counts[EventKind.MAPPED.code()] = n;
    return counts;
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
