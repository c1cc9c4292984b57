package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTest {

  @ParameterizedTest
  @CsvSource({
    "TIME, 700ns, 700",
    "TIME, 1.5us, 1500",
    "TIME, 1.5 µs, 1500",
    "TIME, 200ms, 200000000",
    "TIME, 2s, 2000000000",
    "TIME, 0, 0",
    "SIZE, 512, 512",
    "SIZE, 4k, 4096",
    "SIZE, 4K, 4096",
    "SIZE, 128KiB, 131072",
    "SIZE, 4kB, 4000",
    "SIZE, 1 MiB, 1048576",
    "SIZE, 1.5M, 1572864",
    "BANDWIDTH, 7GB/s, 7000000000",
    "BANDWIDTH, 100Gb/s, 12500000000",
    "BANDWIDTH, 1GiB/s, 1073741824",
    "RATE, 250000, 250000",
    "RATE, 250k, 250000",
    "RATE, 1.2M/s, 1200000",
  })
  void readsWhatPeopleWrite(Quantity quantity, String text, long value) {
    assertThat(quantity.parse(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({
    "TIME, 5",
    "TIME, -5ns",
    "TIME, 5 weeks",
    "TIME, ns",
    "SIZE, 4 pages",
    "SIZE, 0.3",
    "BANDWIDTH, 7GB",
    "RATE, fast",
    "SIZE, 99999999999T",
    "SIZE, 1.2.3k",
  })
  void refusesWhatIsNoQuantity(Quantity quantity, String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> quantity.parse(text));
  }
}
