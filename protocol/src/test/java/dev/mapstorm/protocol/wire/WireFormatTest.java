package dev.mapstorm.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import dev.mapstorm.protocol.DmaError;
import dev.mapstorm.protocol.cluster.ClusterMessage;
import dev.mapstorm.protocol.cluster.FleetBook;
import dev.mapstorm.protocol.cluster.FleetEvent;
import dev.mapstorm.protocol.cluster.HostMove;
import dev.mapstorm.protocol.cluster.HostOrder;
import dev.mapstorm.protocol.cluster.HostOutcome;
import dev.mapstorm.protocol.event.EventBatch;
import dev.mapstorm.protocol.event.EventKind;
import dev.mapstorm.protocol.event.HashChain;
import dev.mapstorm.protocol.event.JournalEntry;
import dev.mapstorm.protocol.event.StreamCheckpoint;
import dev.mapstorm.protocol.event.StreamClosed;
import dev.mapstorm.protocol.event.StreamOpened;
import dev.mapstorm.protocol.message.DomainMessage;
import dev.mapstorm.protocol.message.DriverMessage;
import dev.mapstorm.protocol.message.Message;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WireFormatTest {
  private final WireFormat format = new WireFormat();

  static Stream<Class<?>> classes() {
    return Stream.concat(
        Stream.of(Message.class, JournalEntry.class).flatMap(WireFormatTest::records),
        Stream.of(StreamCheckpoint.class));
  }

  /** What nodes say to each other, and what is inside of it; arrays are seen through them. */
  static Stream<Class<?>> clusterClasses() {
    Set<Class<?>> found = new LinkedHashSet<>();
    records(ClusterMessage.class).forEach(type -> addWithComponents(type, found));
    return found.stream();
  }

  static Stream<Class<?>> allRecords() {
    return Stream.concat(classes(), clusterClasses()).filter(Class::isRecord);
  }

  /** Batches and ends of streams have hashes of a fixed size. */
  static Stream<Class<?>> recordsOfAnySize() {
    return allRecords().filter(type -> type != EventBatch.class && type != StreamClosed.class);
  }

  private static void addWithComponents(Class<?> type, Set<Class<?>> found) {
    if (type.isArray() && type.getComponentType().isRecord()) {
      found.add(type);
      addWithComponents(type.getComponentType(), found);
    } else if (type.isRecord() && found.add(type)) {
      for (RecordComponent component : type.getRecordComponents()) {
        addWithComponents(component.getType(), found);
      }
    }
  }

  @Test
  void everyClassHasItsNumberForEver() {
    Kryo kryo = MapstormKryo.create();
    List<String> table =
        allKnown().stream()
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
            "34 StreamCheckpoint",
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
            "52 DriverMessage.Synced",
            "53 DriverMessage.LinkFailed",
            "54 DriverMessage.PageFault",
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
            "74 DomainMessage.Invalidated",
            "75 DomainMessage.Resume",
            "76 DomainMessage.FlushTimer",
            "77 DomainMessage.DepotWork",
            "78 DomainMessage.SyncForCpu",
            "79 DomainMessage.SyncForDevice",
            "80 DomainMessage.IommuMap",
            "92 IommuMessage.Invalidate",
            "93 IommuMessage.InvalidationDone",
            "94 IommuMessage.Translate",
            "95 IommuMessage.InvalidatePages",
            "96 IommuMessage.QueueRequests",
            "97 IommuMessage.QueueStep",
            "98 IommuMessage.InvalidateRanges",
            "99 IommuMessage.Access",
            "100 DeviceMessage.Doorbell",
            "101 DeviceMessage.Ready",
            "103 DeviceMessage.Transferred",
            "104 DeviceMessage.Translated",
            "105 DeviceMessage.Accessed",
            "110 HostOrder.RunHost",
            "111 HostOrder.StopHost",
            "112 HostOrder.OutcomeKept",
            "120 CoordinatorMessage.SubmitFleet",
            "121 CoordinatorMessage.StopFleet",
            "122 CoordinatorMessage.AskDefinition",
            "123 CoordinatorMessage.AskOverview",
            "124 CoordinatorMessage.AskHosts",
            "125 CoordinatorMessage.HostEnded",
            "126 CoordinatorMessage.NodeReport",
            "127 HostReport",
            "128 HostReport[]",
            "129 HostOutcome",
            "130 HostOutcome[]",
            "131 CoordinatorMessage.HostLeft",
            "132 CoordinatorMessage.AskPresent",
            "140 CoordinatorReply.Accepted",
            "141 CoordinatorReply.Refused",
            "142 CoordinatorReply.Definition",
            "143 CoordinatorReply.Overview",
            "144 CoordinatorReply.Hosts",
            "145 CoordinatorReply.FleetSummary",
            "146 FleetSummary[]",
            "147 CoordinatorReply.NodeSummary",
            "148 NodeSummary[]",
            "149 HostMove",
            "150 HostMove[]",
            "151 CoordinatorReply.HostSummary",
            "152 HostSummary[]",
            "153 CoordinatorReply.Moves",
            "154 CoordinatorReply.Present",
            "160 FleetEvent.Submitted",
            "161 FleetEvent.Ended",
            "162 FleetEvent.Stopped",
            "163 FleetBook",
            "164 FleetBook.Fleet",
            "165 Fleet[]",
            "166 FleetEvent.Moved",
            "170 IommuMessage.TranslateForTlb",
            "171 IommuMessage.AccessTranslated",
            "172 IommuMessage.TlbInvalidated",
            "173 IommuMessage.TlbTimeout",
            "174 DeviceMessage.TlbFilled",
            "175 DeviceMessage.InvalidateTlb");
  }

  /** A class with a number that the test above does not know would be there by mistake. */
  @Test
  void noOtherClassHasANumber() {
    Kryo kryo = MapstormKryo.create();
    List<Class<?>> registered =
        IntStream.range(20, MapstormKryo.FIRST_FREE)
            .mapToObj(kryo::getRegistration)
            .filter(Objects::nonNull)
            .<Class<?>>map(Registration::getType)
            .toList();
    assertThat(registered).containsExactlyInAnyOrderElementsOf(allKnown());
  }

  private static List<Class<?>> allKnown() {
    return Stream.of(
            Stream.<Class<?>>of(byte[].class, int[].class, long[].class, DmaError.class),
            classes(),
            clusterClasses())
        .flatMap(each -> each)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("allRecords")
  void everyRecordIsReadAsItWasWritten(Class<?> type) throws Exception {
    Object value = sample(type);

    Object read = format.read(format.write(value), type);

    assertThat(read).usingRecursiveComparison().isEqualTo(value);
  }

  @ParameterizedTest
  @MethodSource("recordsOfAnySize")
  void everyRecordMayHaveEmptyTextsAndArrays(Class<?> type) throws Exception {
    Object value = emptySample(type);

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
    HostMove move = new HostMove(7, 3, "a", "b", 1200, 400);
    HostOutcome outcome = new HostOutcome(7, true, 1_000_000, 201, 60_200, 480_000, hash, "");

    assertThat(
            Stream.of(
                    new StreamOpened(3, -2, "seed = 1", "0.1"),
                    new EventBatch(200, 301, 5, 90_000, kinds, new byte[] {1, 2, 3}, hash),
                    new StreamClosed(1_000_000, 201, 60_200, hash),
                    new DriverMessage.Mapped(7, 1, 5, 9, 1, new long[] {0xffffe000L, 4096}),
                    new DriverMessage.CallFailed(7, 1, 9, DmaError.NO_IOVA),
                    new DomainMessage.MapSg(1, 2, 3, 1, new long[] {4096}, new int[] {512}),
                    new HostOrder.RunHost("fleet-1", 7),
                    new FleetEvent.Submitted("fleet-1", "fleet", "seed = 1", 24),
                    new FleetEvent.Ended("fleet-1", outcome),
                    new FleetEvent.Stopped("fleet-1"),
                    new FleetEvent.Moved("fleet-1", move),
                    new FleetBook(
                        new FleetBook.Fleet[] {
                          new FleetBook.Fleet(
                              "fleet-1",
                              "fleet",
                              "",
                              24,
                              true,
                              new HostOutcome[] {outcome},
                              new HostMove[] {move})
                        }))
                .map(this::hex))
        .containsExactly(
            "6d7374023733e3db2003feffffffffffffff0873656564203d203103302e31",
            "6d73740205fd8d0d21c801ad020590bf050246ac02510103010203"
                + "abababababababababababababababababababababababababababababababab",
            "6d73740248cac97822c0843dc901a8d603abababababababababababababababababababababababababababababababab",
            "6d73740224d28f202e12020a0e02038080ffff1f8040",
            "6d737402af1a944c351202010e",
            "6d737402ed33b3f03f02040202800806028040",
            "6d73740276b1b77a700e666c6565742db1",
            "6d7374021a3e4f23a20130666c6565f4666c6565742db173656564203d20b1",
            "6d7374028fe44d14a30101920380cc3a0180897ad0ac078121"
                + "abababababababababababababababababababababababababababababababab0e666c6565742db1",
            "6d73740212bddb2ea401666c6565742db1",
            "6d7374025b6fee1ea80101068261e0120ea0068262666c6565742db1",
            "6d737402545d4aaba5010201300201068261e0120ea0068262666c6565f40201920380cc3a0180897ad0ac078121"
                + "abababababababababababababababababababababababababababababababab"
                + "0e666c6565742db18101");
  }

  @Test
  void namesTheVersionFoundAndTheOneSupported() {
    byte[] bytes = format.write(new DriverMessage.Start());
    bytes[3] = 1;

    assertThatThrownBy(() -> format.read(bytes))
        .isInstanceOf(WireFormatException.class)
        .hasMessage(
            "it is of format 1, written by an earlier version; this version reads format 2");
    bytes[3] = 3;
    assertThatThrownBy(() -> format.read(bytes))
        .hasMessage("it is of format 3, written by a later version; this version reads format 2");
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
            .mapToObj(op -> new DriverMessage.Mapped(op, 0, op, op, 1, new long[] {op, 1}))
            .map(message -> format.read(format.write(message), DriverMessage.Mapped.class).op())
            .toList();

    assertThat(ops).hasSize(20_000).isSorted().doesNotHaveDuplicates();
  }

  private String hex(Object value) {
    return HexFormat.of().formatHex(format.write(value));
  }

  private static Stream<Class<?>> records(Class<?> type) {
    if (!type.isRecord() && !type.isSealed()) {
      return Stream.empty(); // What is only said on one node.
    }
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
    return canonical(type).newInstance(values.toArray());
  }

  /** A value of the record in which nothing is there. */
  private static Object emptySample(Class<?> type) throws Exception {
    List<Object> values = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Class<?> of = component.getType();
      if (of == String.class) {
        values.add("");
      } else if (of.isArray()) {
        values.add(Array.newInstance(of.getComponentType(), 0));
      } else if (of == boolean.class) {
        values.add(false);
      } else if (of.isRecord()) {
        values.add(emptySample(of));
      } else if (of == DmaError.class) {
        values.add(DmaError.NO_IOVA);
      } else {
        values.add(of == int.class ? (Object) 0 : (Object) 0L);
      }
    }
    return canonical(type).newInstance(values.toArray());
  }

  private static Constructor<?> canonical(Class<?> type) throws NoSuchMethodException {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    return type.getDeclaredConstructor(types);
  }

  private static Object sample(RecordComponent component, int i) throws Exception {
    Class<?> type = component.getType();
    if (type.isRecord()) {
      return sample(type);
    } else if (type.isArray() && type.getComponentType().isRecord()) {
      Object array = Array.newInstance(type.getComponentType(), 2);
      Array.set(array, 0, sample(type.getComponentType()));
      Array.set(array, 1, emptySample(type.getComponentType()));
      return array;
    } else if (type == int.class) {
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
