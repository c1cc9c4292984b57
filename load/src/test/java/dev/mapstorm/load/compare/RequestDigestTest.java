package dev.mapstorm.load.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.load.compare.RequestDigest.Relation;
import dev.mapstorm.protocol.event.EventSink;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestDigestTest {
  private static RequestDigest asked(int requests, int other) {
    RequestDigest digest = new RequestDigest();
    EventSink sink = digest.host(0);
    for (int op = 0; op < requests; op++) {
      long phys = op == other ? 0x7000 : 0x1000;
      sink.dmaRequested(op * 10L, 0, op, 2, 0, 1, new long[] {phys}, new int[] {4096});
    }
    return digest;
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, -1, SAME",
    "5, 5, -1, SAME",
    "200, 200, -1, SAME",
    "5, 4, -1, SAME_BEGINNING",
    "63, 200, -1, SAME_BEGINNING",
    "64, 200, -1, SAME_BEGINNING",
    "201, 200, -1, SAME_BEGINNING",
    "5, 5, 4, OTHER",
    "5, 4, 3, OTHER",
    "5, 4, 4, SAME_BEGINNING",
    "200, 201, 100, OTHER",
  })
  void shouldTellWhatRunsWereAskedInCommon(int requests, int others, int other, Relation expected) {
    RequestDigest first = asked(requests, other);

    assertThat(first.to(asked(others, -1))).isEqualTo(expected);
    assertThat(asked(others, -1).to(first)).isEqualTo(expected);
  }
}
