package dev.mapstorm.actors.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RecordedRequestsBuilderTest {
  private final RecordedRequestsBuilder builder = new RecordedRequestsBuilder();

  private void told(int op, long... phys) {
    int[] lengths = new int[phys.length];
    Arrays.fill(lengths, 4096);
    builder.told(op, 2, 1, phys.length, phys, lengths);
  }

  @Test
  void shouldKeepTheOrderOfArrivalWhateverTheOrderOfTelling() {
    builder.arrived(10, 0, 3);
    builder.arrived(20, 1, 4);
    told(1, 0x2000, 0x9000);
    builder.released(30, 1, 5);
    told(0, 0x7000);

    RecordedRequests requests = builder.build();

    assertThat(requests.t()).containsExactly(10, 20, 30);
    assertThat(requests.op()).containsExactly(0, 1, 1);
    assertThat(requests.cpu()).containsExactly(3, 4, 5);
    assertThat(requests.release()).containsExactly(false, false, true);
    assertThat(requests.physOf(0)).containsExactly(0x7000);
    assertThat(requests.physOf(1)).containsExactly(0x2000, 0x9000);
    assertThat(requests.lengthOf(1)).containsExactly(4096, 4096);
  }

  @Test
  void shouldPutFirstWhatStoodFromTheStart() {
    builder.arrived(10, 0, 3);
    told(0, 0x7000);
    builder.placed(0, 0x5000);
    builder.stood(1, 4);
    told(1, 0x2000, 0x9000);
    builder.placed(1, 0x8000);
    builder.released(30, 1, 5);

    RecordedRequests requests = builder.build();

    assertThat(requests.t()).containsExactly(0, 10, 30);
    assertThat(requests.op()).containsExactly(1, 0, 1);
    assertThat(requests.cpu()).containsExactly(4, 3, 5);
    assertThat(requests.release()).containsExactly(false, false, true);
    assertThat(requests.iova()).startsWith(0x8000, 0x5000);
    assertThat(requests.physOf(0)).containsExactly(0x2000, 0x9000);
    assertThat(requests.physOf(1)).containsExactly(0x7000);
  }

  @Test
  void shouldLeaveOutWhatNobodyTold() {
    builder.arrived(10, 0, 0);
    builder.arrived(20, 1, 0);
    told(1, 0x2000);

    assertThat(builder.untold()).isEqualTo(1);
    assertThat(builder.hasArrived(0)).isTrue();
    assertThat(builder.hasArrived(2)).isFalse();
    RecordedRequests requests = builder.build();
    assertThat(requests.op()).containsExactly(1);
    assertThat(requests.physOf(0)).containsExactly(0x2000);
  }

  @Test
  void shouldTakeWhatItSaysItTakes() {
    for (int op = 0; op < 10_000; op++) {
      builder.arrived(op, op, 0);
      told(op, 0x1000L * op, 0x800_0000L + op);
    }

    long bytes = builder.bytes();
    RecordedRequests requests = builder.build();

    assertThat(requests.size()).isEqualTo(10_000);
    assertThat(requests.physOf(9_999)).containsExactly(0x270f000, 0x8000000 + 9_999);
    assertThat(bytes).isEqualTo(10_000L * (8 + 4 * 4 + 5) + 20_000L * 12);
  }
}
