package dev.mapstorm.persistence.hocon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that would take a parser's stack or time, and texts that only look so. */
class HoconScanTest {
  private static final String DEEP = "has more than 32 values inside each other";
  private static final String MERGES = "has too many values to merge for a text of this length";
  private static final String LONG = "must have up to 4096 characters outside quotes";

  static Stream<Arguments> tooMuch() {
    String keys = lines(2000, i -> "c.k" + i + "=1");
    return Stream.of(
        Arguments.of("a=" + "[".repeat(20_000), DEEP),
        Arguments.of("a=" + "{b=".repeat(10_000), DEEP),
        Arguments.of("{".repeat(100), DEEP),
        Arguments.of("a" + ".a".repeat(5_000) + "=1", DEEP),
        Arguments.of("a {" + "b.c.d.e {".repeat(9), DEEP),
        Arguments.of("a=${b" + ".b".repeat(5_000) + "}", DEEP),
        Arguments.of("a=[\"]\"" + ",[\"]\"".repeat(40), DEEP),
        Arguments.of("a=[ // ]\n".repeat(1) + "[ # ]\n".repeat(40), DEEP),
        Arguments.of("a=[\"\"\"]\"]\"\"\",".repeat(1) + "[\"\"\"\"]\"\"\"\",".repeat(40), DEEP),
        Arguments.of("a=" + "[${]}".repeat(40), "has a ] in a substitution, ${…}"),
        Arguments.of("a=" + "${".repeat(20_000), "has a $ in a substitution, ${…}"),
        Arguments.of("a=]", "has a ] that ends nothing"),
        Arguments.of("a=[}", "has a } that ends nothing"),
        Arguments.of("a=[1", "has a bracket without its end"),
        Arguments.of("a=\"x\nb=1", "has a quote without its end on the line"),
        Arguments.of("a=\"\"\"x\n\"\"", "has three quotes without their end"),
        Arguments.of("a=\u0000", "has the control character U+0000"),
        Arguments.of("x".repeat(201) + "=1", "a key must have up to 200 characters"),
        Arguments.of("\"" + "x".repeat(4000) + "\"=1", "a key must have up to 200 characters"),
        Arguments.of("a=" + "x ".repeat(3000), LONG),
        Arguments.of("a=" + "\"x\"".repeat(5000), LONG),
        Arguments.of("a=" + "9".repeat(5000), LONG),
        Arguments.of(keys, MERGES),
        Arguments.of(lines(2000, i -> "\"c\".k" + i + "=1"), MERGES),
        Arguments.of(lines(2000, i -> "\"\\u0063\".k" + i + "=1"), MERGES),
        Arguments.of(lines(2000, i -> "c{k" + i + "=1}"), MERGES),
        Arguments.of("a=" + "[1]".repeat(2000), MERGES),
        Arguments.of("a=" + "{b=1}".repeat(2000), MERGES),
        Arguments.of("a=[" + "1,".repeat(300_000) + "]", "has more than 500000 words and signs"),
        Arguments.of("\n".repeat(600_000), "has more than 500000 words and signs"),
        Arguments.of(
            "a=\"" + "x".repeat(5_000_000) + "\"",
            "must have up to 4194304 characters, has 5000004"));
  }

  private static String lines(int count, IntFunction<String> line) {
    return IntStream.range(0, count).mapToObj(line).collect(Collectors.joining("\n"));
  }

  @ParameterizedTest
  @MethodSource("tooMuch")
  void whatIsTooMuchIsRefusedBeforeItIsParsed(String text, String problem) {
    assertThatThrownBy(() -> HoconScan.of(text, "mine"))
        .isInstanceOf(HoconException.class)
        .hasMessageStartingWith("mine")
        .hasMessageContaining(problem)
        .message()
        .hasSizeLessThan(600);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a = \"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"",
        "a = \"\"\"{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{\"\"\"",
        "# [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\na = 1",
        "a = 1 // {{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{",
        "a = \"quote \\\" [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"",
        "a = \"\"\"\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"\"\"\"",
        "\"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a\" = 1",
        "a = 1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1",
        "a = 1\r\nb = [1,\r\n2]\r\n",
        "\uFEFFa = 1",
        "{ \"a\": [ { \"b\": [] } ] }",
        "a {\n b = 1, c = 2 }\nb : [\n 1\n 2\n ]",
        "a = [[1], [2]] [[3]]",
        "",
      })
  void whatOnlyLooksDeepIsNot(String text) {
    HoconScan.of(text, "mine");

    assertThat(ClosedHocon.parse(text, "mine")).isEqualTo(ConfigFactory.parseString(text));
  }

  @Test
  void depthIsThatOfValues() {
    HoconScan.of("a=" + "[".repeat(30) + "]".repeat(30), "mine");
    HoconScan.of("a.b.c.d=" + "[".repeat(27) + "]".repeat(27), "mine");
    HoconScan.of("a.b{c.d{e=1}}\n".repeat(50), "mine");

    assertThatThrownBy(() -> HoconScan.of("a=" + "[".repeat(32) + "]".repeat(32), "mine"))
        .hasMessageContaining(DEEP);
  }

  @Test
  void aPlaceIsLineAndKey() {
    String text = "a = 1\nmix = [\n  { b = 2 }\n  { c.d {\n    \"x y\" = [1, \u0001] } }\n]";

    assertThatThrownBy(() -> HoconScan.of(text, "mine"))
        .hasMessage("mine:5: mix[1].c.d.\"x y\"[1]: has the control character U+0001");
  }

  @Test
  void controlCharactersOfAnOriginAreEscaped() {
    assertThatThrownBy(() -> HoconScan.of("a=]", "fleet\u001b[2J"))
        .hasMessageStartingWith("fleet\\u001b[2J: a: ");
  }

  @Test
  void growthIsTheProductOfSeveralSubstitutionsInOneValue() {
    Map<String, Double> texts =
        Map.of(
            "a = ${b}", 1.0,
            "a = ${b}${c}", 2.0,
            "a = ${b}\" x \"${c}${d}\nb = 1\nc = ${d} ${d}", 6.0,
            "a = [${b}, ${b}]", 1.0,
            "a { b = ${c}${c} }", 2.0);
    texts.forEach((text, growth) -> assertThat(HoconScan.of(text, "x").growth()).isEqualTo(growth));
    assertThat(HoconScan.of("a = ${b}${c}, d += 1", "x").substitutions()).isEqualTo(3);
  }

  @Test
  void aLongTextOfTheUsualKindPasses() {
    String machine =
        "{\n    client {\n        api=page\n        bs=\"128KiB\"\n    }\n    clients=2\n    name=m%d\n}";
    String text = "mix=[\n" + lines(2000, i -> machine.formatted(i)) + "\n]\n";

    Config config = ClosedHocon.parse(text, "mine");

    assertThat(config.getList("mix")).hasSize(2000);
  }
}
