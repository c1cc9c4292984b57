package dev.mapstorm.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the user's own files may do: much, but not without bounds, and the environment is not told.
 */
class UserHoconTest {
  /** Set wherever tests run, and no right value of any key. */
  private static final String SECRET = System.getenv("PATH");

  @TempDir Path folder;

  private Scenario load(String text) throws IOException {
    return new ScenarioLoader("1").load(file("mine", text).toString());
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name + ".conf"), text);
  }

  static Stream<String> textsWithTheEnvironment() {
    List<String> texts = new ArrayList<>();
    for (String key : new KnownKeys(BuiltIn.reference().root()).paths()) {
      texts.add(key + " = ${PATH}");
      texts.add(key + " = [1, ${PATH}]");
      texts.add(key + " = [1] ${PATH}");
      texts.add(key + " = 1${PATH}ns");
    }
    texts.add("clients = [{ count = ${PATH} }]");
    texts.add("mix = [{ share = ${PATH} }]");
    texts.add("mix = [{ scenario = ${PATH} }]");
    texts.add("mix = [{ name = ${PATH} }]");
    texts.add("mix = [{ platform = ${PATH}.conf }]");
    texts.add("costs.walk-read = ${PATH}");
    texts.add("unit.iotlb-ways = ${PATH}");
    texts.add("platform = { name = ${PATH}, costs = ${PATH} }");
    texts.add("seed = { a = 1 } ${PATH}");
    texts.add("seed = ${PATH.x}");
    return texts.stream();
  }

  @ParameterizedTest
  @MethodSource("textsWithTheEnvironment")
  void messagesDoNotTellTheEnvironment(String text) throws IOException {
    try {
      // Whatever takes any text takes this one.
      assertThat(load(text).notes()).noneMatch(note -> note.contains(SECRET));
    } catch (ScenarioException e) {
      assertThat(e.getMessage())
          .doesNotContain(SECRET, SECRET.split("[:;]")[0])
          .matches("\\P{Cntrl}+");
    }
  }

  @Test
  void theEnvironmentCanBeUsed() throws IOException {
    assertThat(load("description = \"on \"${PATH}").description()).isEqualTo("on " + SECRET);
    assertThatThrownBy(() -> load("seed = ${PATH}"))
        .hasMessage(
            "environment: seed: must be a whole number, but is not; its value is not shown");
    assertThatThrownBy(() -> load("seed = ${NOT_SET_ANYWHERE}"))
        .hasMessageContaining("Could not resolve substitution to a value: ${NOT_SET_ANYWHERE}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "include url(\"http://127.0.0.1:9/x\")|nothing over a network",
        "include required(url(\"http://127.0.0.1:9/x\"))|nothing over a network",
        "include \"http://127.0.0.1:9/x\"|there is no such file",
        "include file(\"/dev/zero\")|is no regular file",
        "include file(\"nowhere.conf\")|nowhere.conf: there is no such file",
        "include classpath(\"nowhere\")|nothing of that name comes with the program",
        "include \"mine\"|does one include itself?",
        "trace = \"a\\u0000b\"|trace: can be no path of a file: Nul character not allowed",
      })
  @DisabledOnOs(OS.WINDOWS)
  void whatCannotBeIncludedIsToldInOneSentence(String text, String said) {
    assertThatThrownBy(() -> load(text))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining(said);
  }

  @Test
  void whatIsIncludedIsLimitedToo() throws IOException {
    file("deep", "a=" + "[".repeat(20_000));
    assertThatThrownBy(() -> load("seed = 1\ninclude \"deep\""))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining("deep.conf: a[0][0]")
        .hasMessageContaining("has more than 32 values inside each other");

    file("empty", "");
    file("bomb6", "include \"empty\"\ninclude \"empty\"");
    for (int i = 5; i >= 0; i--) {
      file("bomb" + i, "include \"bomb%d\"\n".formatted(i + 1).repeat(4));
    }
    assertThatThrownBy(() -> load("include \"bomb0\""))
        .hasMessageContaining("a scenario is made from up to 100 files");
  }

  /** Its size is 0, so that nothing of it is read. */
  @Test
  void theEnvironmentOfTheProcessIsNotIncluded() throws IOException {
    assertThat(load("include file(\"/proc/self/environ\")\nseed = 7").seed()).isEqualTo(7);
  }

  static String doubling(String separator) {
    return "costs.a0 = \"xxxxxxxxxx\"\n"
        + IntStream.range(1, 12)
            .mapToObj(
                i ->
                    "costs.a%d = %s"
                        .formatted(i, ("${costs.a%d}" + separator).formatted(i - 1).repeat(10)))
            .collect(Collectors.joining("\n"));
  }

  @Test
  void textsThatDoubleAreRefused() {
    assertThatThrownBy(() -> load(doubling("")))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining("grows too much by values that have several substitutions each");
    assertThatThrownBy(() -> load("costs.a = x\n" + "costs.a = ${costs.a}${costs.a}\n".repeat(40)))
        .hasMessageContaining("grows too much");
  }

  @Test
  void listsThatDoubleAreRefused() {
    String lists =
        doubling(", ").replaceAll("= (\\$.*), ", "= [$1]").replace("\"xxxxxxxxxx\"", "[x,x,x]");
    assertThatThrownBy(() -> load(lists))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining("has more than 500000 values");
    String objects =
        IntStream.range(1, 100)
            .mapToObj(i -> "costs.a%d = { b = ${costs.a%d} }\n".formatted(i, i - 1))
            .collect(Collectors.joining());
    assertThatThrownBy(() -> load("costs.a0 = 1\n" + objects))
        .hasMessageContaining("has more than 64 values inside each other");
  }

  @Test
  void chainsOfSubstitutionsEndBeforeTheStackDoes() {
    assertThatThrownBy(() -> load(chain(200)))
        .hasMessageContaining("no platform has such a figure");
    assertThatThrownBy(() -> load(chain(201)))
        .hasMessage("a scenario has up to 200 substitutions, this one has 201");
    assertThatThrownBy(() -> load("mix += { share = 1 }\n".repeat(200)))
        .hasMessageContaining("mix: must have at most 100 elements, has 200");
    assertThatThrownBy(() -> load("costs.a = ${costs.b}\ncosts.b = ${costs.a}"))
        .isInstanceOf(ScenarioException.class)
        .hasMessageContaining("cycle");
  }

  /** A seed that is taken from the next, so many times. */
  private static String chain(int length) {
    return IntStream.range(0, length - 1)
            .mapToObj(i -> "costs.c%d = ${costs.c%d}\n".formatted(i, i + 1))
            .collect(Collectors.joining())
        + "costs.c%d = 5\nseed = ${costs.c0}\n".formatted(length - 1);
  }
}
