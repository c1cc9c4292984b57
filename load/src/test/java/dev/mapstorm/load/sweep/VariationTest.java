package dev.mapstorm.load.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VariationTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a,b,c | a b c",
        "1..256 | 1 2 4 8 16 32 64 128 256",
        "1..100 | 1 2 4 8 16 32 64 100",
        "3..3 | 3",
        "0..8 | 0 1 2 4 8",
        "0..100+25 | 0 25 50 75 100",
        "0..90+25 | 0 25 50 75 90",
        "1..1000*10 | 1 10 100 1000",
        "4k..64k | 4k 8k 16k 32k 64k",
        "512k..2m | 524288 1048576 2097152",
        "500us..2ms | 500000ns 1000000ns 2000000ns",
        "1us..2us+500ns | 1000ns 1500ns 2000ns",
        "strict, lazy | strict lazy",
        "1,2,1..8 | 1 2 4 8",
        "-1..3 | -1..3",
      })
  void aListIsOfValuesAndRanges(String list, String expected) {
    if (list.startsWith("-")) {
      assertThatThrownBy(() -> Variation.parse("k=" + list)).hasMessageContaining("is no range");
      return;
    }
    Variation parsed = Variation.parse("some.key=" + list);
    assertThat(parsed.key()).isEqualTo("some.key");
    assertThat(parsed.values()).isEqualTo(List.of(expected.split(" ")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "k",
        "=1",
        "k=",
        "k=1,,2",
        "k=4..1",
        "k=1..2..3",
        "k=1..9+0",
        "k=1..9*1",
        "k=1x..2y",
        "k=1us..4k",
        "k=1k..2k*2k",
        "k=0..1000000+1"
      })
  void whatIsNoListIsRefusedInOneSentence(String text) {
    assertThatThrownBy(() -> Variation.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("[^\n]{10,200}");
  }

  @Test
  void theMarginIsThatOfStudentsT() {
    // By hand: mean 3, standard deviation sqrt(2.5), 2.776 times it over sqrt(5).
    Estimate five = Estimate.of(List.of(1.0, 2.0, 3.0, 4.0, 5.0));
    assertThat(five.mean()).isEqualTo(3);
    assertThat(five.margin()).isCloseTo(1.963, org.assertj.core.data.Offset.offset(0.001));
    assertThat(Estimate.of(List.of(7.0))).isEqualTo(new Estimate(7, null));
    assertThat(Estimate.of(List.of(4.0, 4.0)).margin()).isZero();
  }
}
