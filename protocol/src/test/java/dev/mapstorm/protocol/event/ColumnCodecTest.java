package dev.mapstorm.protocol.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.protocol.Phyr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class ColumnCodecTest {
  private static final List<Event> SMALL_BATCH =
      List.of(
          new Event.DmaRequested(
              1000, 1, 0, 2, 1, List.of(new Phyr(0x12345000, 4096), new Phyr(0x12346080, 512))),
          new Event.CallEntered(1090, 0, 1, 3, 1, 0, 1, 1),
          new Event.IovaAllocated(1090, 0, 1, 0xffffe, 2, 0, 0),
          new Event.PtesMapped(1170, 0, 1, 0xffffe, 0x12345, 1, 12),
          new Event.PtesMapped(1180, 0, 1, 0xfffff, 0x12346, 1, 12),
          new Event.Mapped(1240, 0, 1, 0xffffe, 2, 0, 4608, 2),
          new Event.DmaRequested(2000, 1, 1, 2, 1, List.of(new Phyr(0x12345000, 4096))),
          new Event.CallEntered(2050, 0, 2, 3, 1, 1, 0, 2),
          new Event.MapFailed(2100, 0, 2, 0));

  private final ColumnEncoder encoder = new ColumnEncoder();
  private final ColumnDecoder decoder = new ColumnDecoder();

  @Provide
  Arbitrary<List<Event>> sequences() {
    return EventArbitraries.sequences(60);
  }

  @Property(tries = 400)
  void whatIsEncodedIsDecoded(@ForAll("sequences") List<Event> events) {
    EventWords words = EventArbitraries.words(events);

    byte[] payload = encoder.encode(words);

    EventWords decoded = new EventWords(0);
    decoder.decode(payload, events.size(), decoded);
    assertThat(list(decoded)).isEqualTo(events);
    assertThat(decoded.kindCounts()).isEqualTo(words.kindCounts());
    assertThat(new ColumnEncoder().encode(decoded)).isEqualTo(payload);
  }

  @Property(tries = 300)
  void anyNumbersSurvive(@ForAll long a, @ForAll long b) {
    EventWords words = new EventWords(0);
    words.requestDone(5, -1, b, a, b);
    words.requestDone(EventWords.INSTANTS - 1, -1, a, b, a);

    EventWords decoded = new EventWords(0);
    decoder.decode(encoder.encode(words), 2, decoded);

    assertThat(list(decoded))
        .containsExactly(
            new Event.RequestDone(5, -1, b, a, b),
            new Event.RequestDone(EventWords.INSTANTS - 1, -1, a, b, a));
  }

  @Property(tries = 500)
  void aChangedPayloadIsRefusedOrIsAnotherBatch(
      @ForAll("sequences") List<Event> events,
      @ForAll @IntRange(max = 100_000) int where,
      @ForAll @IntRange(min = 1, max = 255) int change) {
    byte[] payload = encoder.encode(EventArbitraries.words(events));
    payload[where % payload.length] ^= (byte) change;

    decodeOrRefuse(payload, events.size());
  }

  @Property(tries = 500)
  void randomBytesAreRefusedOrAreABatch(
      @ForAll byte[] payload, @ForAll @IntRange(max = 100) int count) {
    decodeOrRefuse(payload, count);
  }

  @Property(tries = 200)
  void aShortenedOrLengthenedPayloadIsRefused(
      @ForAll("sequences") List<Event> events, @ForAll @IntRange(max = 100_000) int where) {
    byte[] payload = encoder.encode(EventArbitraries.words(events));
    EventWords into = new EventWords(0);

    assertThatExceptionOfType(DamagedBatchException.class)
        .isThrownBy(
            () ->
                decoder.decode(
                    Arrays.copyOf(payload, where % payload.length), events.size(), into));
    assertThatExceptionOfType(DamagedBatchException.class)
        .isThrownBy(
            () -> decoder.decode(Arrays.copyOf(payload, payload.length + 1), events.size(), into));
    assertThat(into.count()).isZero();
  }

  @Property(tries = 200)
  void aWrongCountIsRefused(
      @ForAll("sequences") List<Event> events, @ForAll @IntRange(min = -3) int count) {
    if (count != events.size()) {
      byte[] payload = encoder.encode(EventArbitraries.words(events));

      assertThatExceptionOfType(DamagedBatchException.class)
          .isThrownBy(() -> decoder.decode(payload, count, new EventWords(0)));
    }
  }

  @Example
  void anInstantThatNoEventCanHaveIsRefused() {
    // One event, submitted, at the instant -1 of which nothing is known.
    byte[] payload = HexFormat.of().parseHex("0246" + "14ffffffffffffffffff01" + "020002010204");

    assertThatThrownBy(() -> decoder.decode(payload, 1, new EventWords(0)))
        .isInstanceOf(DamagedBatchException.class)
        .hasMessage("event 0 has the instant -1");
  }

  @Example
  void runsOfEqualNumbersAreShort() {
    EventWords words = new EventWords(0);
    for (int i = 0; i < 1000; i++) {
      words.tablesChanged(i, 0, i + 1, 5);
    }

    // A byte of each stays: that of its kind. Instants begin with 0 and go up by 1.
    assertThat(encoder.encode(words)).hasSizeLessThan(1000 + 25);
  }

  @Example
  void aRunThatIsLongerThanItsColumnIsRefused() {
    // Two events; the run of instants claims that there are three.
    byte[] payload = HexFormat.of().parseHex("044646" + "07000205" + "0300" + "0301" + "0300");

    assertThatThrownBy(() -> decoder.decode(payload, 2, new EventWords(0)))
        .isInstanceOf(DamagedBatchException.class)
        .hasMessageContaining("a run ends after its stream");
  }

  @Example
  void anEntryCannotReferBehindTheList() {
    EventWords words = new EventWords(0);
    words.ptesMapped(1, 0, 1, 2, 3, 4, 12);
    byte[] payload = encoder.encode(words);
    int listed = payload.length - 5; // Before the pages and the shift.
    payload[listed] = 0x04;

    assertThatThrownBy(() -> decoder.decode(payload, 1, new EventWords(0)))
        .isInstanceOf(DamagedBatchException.class)
        .hasMessage("an entry refers to range 1 of 0 in the list");
  }

  @Example
  void aRequestCannotClaimMoreRangesThanThePayloadHasBytes() {
    // One request whose columns all repeat, with a list of 2^31 - 1 ranges.
    byte[] payload =
        HexFormat.of()
            .parseHex("0201" + "0200" + "0300030003000300" + "0affffffff07" + "020003000300");

    assertThatThrownBy(() -> decoder.decode(payload, 1, new EventWords(0)))
        .isInstanceOf(DamagedBatchException.class)
        .hasMessageContaining("cannot hold the 2147483647 numbers");
  }

  /** If this fails, journals already written can no longer be read. */
  @Example
  void theBytesOfABatchStayAsTheyAre() {
    byte[] payload = encoder.encode(EventArbitraries.words(SMALL_BATCH));

    assertThat(HexFormat.of().formatHex(payload))
        .isEqualTo(
            "1201040a14141e01041f16e8075a00500a3cf805323203010400020302030104"
                + "02010a8b8d09030208008001000c8040ff378038030003020303040200040002"
                + "04010003000200020206fcff7f02040200020003000402000400020300030103"
                + "0c020002020201020002000480240202020002040200");
  }

  @Example
  void aStrictReadTakesAtMostEightBytesAnEvent() {
    EventWords words = EventArbitraries.words(StrictReadMix.events(100, 1));

    assertThat(encoder.encode(words).length).isLessThan(8 * words.count());
  }

  private void decodeOrRefuse(byte[] payload, int count) {
    EventWords into = new EventWords(0);
    try {
      decoder.decode(payload, count, into);
      into.forEach(EventSink.NONE);
      assertThat(into.count()).isEqualTo(count);
    } catch (DamagedBatchException e) {
      assertThat(into.count()).isZero();
    }
  }

  private static List<Event> list(EventWords words) {
    List<Event> events = new ArrayList<>();
    words.forEach(new EventRecorder(events::add));
    return events;
  }
}
