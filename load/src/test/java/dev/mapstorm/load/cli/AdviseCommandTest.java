package dev.mapstorm.load.cli;

import static dev.mapstorm.load.cli.CommandLineFixture.mapstorm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mapstorm.load.cli.CommandLineFixture.Ran;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AdviseCommandTest {
  private static Ran advise(String scenario, String goal, String... more) {
    List<String> all = new ArrayList<>(List.of("advise", scenario, "--seeds", "2", "--goal", goal));
    all.addAll(List.of(more));
    return mapstorm(all.toArray(String[]::new));
  }

  /** Scenario, goal, what is set, and what must be in the recommended settings. */
  static Stream<List<String>> knownAnswers() {
    return Stream.of(
        // No policy costs less than none.
        List.of("nvme-4k", "least CPU per request", "duration=1ms", "iommu.mode=passthrough"),
        // Under a limit of exposure the depth of the flush queue is what can be had of lazy.
        List.of(
            "nvme-page",
            "least CPU per request with exposure under 1ms and client.api=iova",
            "duration=1ms client.depth=4",
            "iommu.mode=lazy iommu.flush-queue.timeout=500us"),
        // One range for 32 pages instead of 32: one invalidation.
        List.of(
            "nvme-page",
            "least CPU per request with strict",
            "duration=1ms client.depth=4",
            "client.api=iova"),
        // Planted: a batch is dear to fill.
        List.of(
            "nvme-page",
            "least CPU per request with strict",
            "duration=1ms client.depth=4 costs.iova-sync=0ns costs.batch-add=900ns",
            "client.api=iova"),
        // Planted: two-step calls are dear to end, too, so a list is the best.
        List.of(
            "nvme-page",
            "least CPU per request with strict",
            "duration=1ms client.depth=4 costs.iova-sync=3us costs.batch-add=900ns",
            "client.api=sg"),
        // A batch is never too large.
        List.of(
            "nvme-batch",
            "least CPU per request with strict and client.api=batch",
            "duration=1ms client.depth=4 client.batch.vectors=4",
            "client.batch.vectors=32"),
        // At this rate no ring is full before the shortest timeout that is tried.
        List.of(
            "nvme-4k",
            "least exposed lazy max with lazy and client.api=page",
            "duration=22ms client.rate=20k",
            "iommu.flush-queue.timeout=200us"));
  }

  @ParameterizedTest
  @MethodSource("knownAnswers")
  void theKnownAnswerIsFound(List<String> known) {
    List<String> set = new ArrayList<>();
    for (String each : known.get(2).split(" ")) {
      set.addAll(List.of("--set", each));
    }
    set.add("--json");

    JsonNode advice = advise(known.get(0), known.get(1), set.toArray(String[]::new)).json();

    String recommended = advice.get("recommended").get("settings").toString();
    Arrays.stream(known.get(3).split(" "))
        .map(each -> each.replace("=", "\":\""))
        .forEach(each -> assertThat(recommended).contains(each));
    // Nothing that was tried and keeps the conditions is better by more than the noise.
    boolean most = known.get(1).startsWith("most");
    double best = advice.get("recommended").get("value").get("mean").asDouble();
    if (advice.has("runnerUp")) {
      double next = advice.get("runnerUp").get("value").get("mean").asDouble();
      assertThat(most ? best > next : best < next).isTrue();
    }
  }

  @Test
  void whatIsWithinTheNoiseIsSaidToBeAsGood() {
    JsonNode advice =
        advise(
                "nvme-4k",
                "most throughput with strict and client.api=page",
                "--duration",
                "1ms",
                "--json")
            .json();

    assertThat(advice.get("recommended").get("settings").size()).isZero();
    assertThat(advice.get("asGood")).isNotEmpty();
    assertThat(advice.has("runnerUp")).isFalse();
  }

  @Test
  void whereNothingKeepsTheConditionsThatIsTheAnswer() {
    Ran ran =
        advise(
            "nvme-4k", "least CPU per request with exposure < 1ns", "--duration", "500us", "--all");

    assertThat(ran.code()).isEqualTo(99);
    assertThat(ran.out())
        .contains("Nothing that was tried keeps the conditions.")
        .contains("exposure < 1ns: not measured")
        .contains("exposure < 1ns: exposed after unmapping, strict, mean is ");
  }

  @Test
  void theAdviceCanBeRunAsItSays() {
    Ran ran =
        advise(
            "nvme-page",
            "least CPU per request with strict",
            "--duration",
            "1ms",
            "--set",
            "client.depth=4");

    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains("Recommended: iommu.mode=strict client.api=iova\n")
        .contains(
            "\nTry it: mapstorm run nvme-page --set iommu.mode=strict --set client.api=iova\n")
        .contains("assumed costs");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lest CPU|--goal lest CPU: must be least or most, a figure, and conditions",
        "least nonsense|\"nonsense\" names no figure of the scenario",
        "least latency|\"latency\" may be latency mean or latency p50",
        "least CPU per request with foo|the condition foo: must be a figure",
        "least CPU per request with iommu.mod=lazy|refused",
      })
  void aGoalThatIsNoneIsRefused(String goal, String why) {
    Ran ran = advise("nvme-4k", goal, "--duration", "500us");

    if (why.equals("refused")) {
      assertThat(ran.out()).contains("iommu.mod: there is no such key; did you mean iommu.mode?");
    } else {
      assertThat(ran.code()).isEqualTo(2);
      assertThat(ran.err()).contains(why);
    }
  }
}
