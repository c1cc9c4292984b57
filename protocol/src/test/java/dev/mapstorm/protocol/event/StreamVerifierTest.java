package dev.mapstorm.protocol.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class StreamVerifierTest {
  private static final StreamOpened OPENED = new StreamOpened(3, 42, "run {}", "1.0");

  private final StreamVerifier verifier = new StreamVerifier();
  private final List<JournalEntry> stream = stream(OPENED);

  @Test
  void acceptsAWholeStream() {
    stream.forEach(verifier::accept);

    assertThat(verifier.opened()).isEqualTo(OPENED);
    assertThat(verifier.closed()).isEqualTo(stream.get(4));
    assertThat(verifier.batches()).isEqualTo(3);
    assertThat(verifier.events()).isEqualTo(6);
  }

  /** If this fails, journals already written no longer verify. */
  @Test
  void theFinalHashStaysAsItIs() {
    assertThat(HexFormat.of().formatHex(((StreamClosed) stream.get(4)).hash()))
        .isEqualTo("c962b085ae7b9ce45f248dd3d963c9d7c28049a896d24ec722ec2538afe88b3e");
  }

  @Test
  void theSeedAndTheHostChangeEveryHashAndTheScenarioTextNone() {
    byte[] hash = lastHash(OPENED);

    assertThat(lastHash(new StreamOpened(3, 43, "run {}", "1.0"))).isNotEqualTo(hash);
    assertThat(lastHash(new StreamOpened(4, 42, "run {}", "1.0"))).isNotEqualTo(hash);
    assertThat(lastHash(new StreamOpened(3, 42, "run { a = 1 }", "1.1"))).isEqualTo(hash);
  }

  @Test
  void everyPartOfABatchIsUnderItsHash() {
    List<UnaryOperator<EventBatch>> changes =
        List.of(
            b -> batch(b, b.count() + 1, b.first(), b.last(), b.kindCounts(), b.payload()),
            b -> batch(b, b.count(), b.first() + 1, b.last(), b.kindCounts(), b.payload()),
            b -> batch(b, b.count(), b.first(), b.last() + 1, b.kindCounts(), b.payload()),
            b -> batch(b, b.count(), b.first(), b.last(), new int[EventKind.CODES], b.payload()),
            b -> batch(b, b.count(), b.first(), b.last(), b.kindCounts(), flipped(b.payload())));
    for (UnaryOperator<EventBatch> change : changes) {
      StreamVerifier fresh = new StreamVerifier();
      fresh.accept(stream.get(0));
      fresh.accept(stream.get(1));

      assertThatThrownBy(() -> fresh.accept(change.apply((EventBatch) stream.get(2))))
          .isInstanceOf(DamagedBatchException.class)
          .hasMessageContaining("batch 1 is not what was written");
    }
  }

  @Test
  void namesTheFirstBatchThatIsMissing() {
    verifier.accept(stream.get(0));
    verifier.accept(stream.get(1));

    assertThatThrownBy(() -> verifier.accept(stream.get(3)))
        .isInstanceOf(DamagedBatchException.class)
        .hasMessage("batch 2 is where batch 1 should be");
  }

  @Test
  void refusesAStreamWithoutOpeningWithTwoOrBehindItsClose() {
    assertThatThrownBy(() -> verifier.accept(stream.get(1)))
        .hasMessage("the stream does not begin with its opening");
    verifier.accept(OPENED);
    assertThatThrownBy(() -> verifier.accept(OPENED)).hasMessage("the stream is opened twice");
    StreamVerifier whole = new StreamVerifier();
    stream.forEach(whole::accept);
    assertThatThrownBy(() -> whole.accept(stream.get(4)))
        .hasMessage("the stream continues after its close");
  }

  @Test
  void refusesACloseThatLeavesBatchesOut() {
    stream.subList(0, 3).forEach(verifier::accept);

    assertThatThrownBy(() -> verifier.accept(stream.get(4)))
        .isInstanceOf(DamagedBatchException.class)
        .hasMessageContaining("3 batches with 6 events");
  }

  /** A stream of three batches of two events, closed. */
  static List<JournalEntry> stream(StreamOpened opened) {
    HashChain chain = new HashChain();
    List<JournalEntry> entries = new ArrayList<>(List.of(opened));
    byte[] hash = chain.origin(opened);
    for (int i = 0; i < 3; i++) {
      EventWords words = new EventWords(0);
      words.submitted(100L * i, 0, 1, i);
      words.completed(100L * i + 1, 0, 1, i);
      EventBatch batch = chain.seal(hash, i, words, new ColumnEncoder().encode(words));
      entries.add(batch);
      hash = batch.hash();
    }
    entries.add(new StreamClosed(300, 3, 6, hash));
    return entries;
  }

  private static byte[] lastHash(StreamOpened opened) {
    return ((StreamClosed) stream(opened).get(4)).hash();
  }

  private static byte[] flipped(byte[] payload) {
    byte[] copy = payload.clone();
    copy[copy.length - 1] ^= 1;
    return copy;
  }

  private static EventBatch batch(
      EventBatch b, int count, long first, long last, int[] kindCounts, byte[] payload) {
    return new EventBatch(b.index(), count, first, last, kindCounts, payload, b.hash());
  }
}
