package dev.mapstorm.actors.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mapstorm.actors.host.TestHosts;
import dev.mapstorm.protocol.cluster.CoordinatorReply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FleetDefinitionsTest {
  private final List<String> asked = new ArrayList<>();
  private final Map<String, CompletableFuture<CoordinatorReply>> answers = new HashMap<>();
  private final FleetDefinitions definitions =
      new FleetDefinitions(
          run -> {
            asked.add(run);
            return answers.computeIfAbsent(
                run,
                each ->
                    CompletableFuture.completedFuture(
                        new CoordinatorReply.Definition(run, "name", "text of " + run)));
          },
          (name, scenario) -> List.of(TestHosts.nvme().build()),
          Runnable::run);

  private FleetDefinitions.Fleet of(String run) {
    return definitions.of(run).toCompletableFuture().join();
  }

  @Test
  void aFleetIsAskedForOnce() {
    assertThat(of("a").scenario()).isEqualTo("text of a");
    assertThat(of("a")).isSameAs(of("a"));
    assertThat(asked).containsExactly("a");
  }

  @Test
  void whoAsksWhileItIsAskedForWaitsForTheSameAnswer() {
    CompletableFuture<CoordinatorReply> late = new CompletableFuture<>();
    answers.put("a", late);
    CompletableFuture<FleetDefinitions.Fleet> first = definitions.of("a").toCompletableFuture();
    CompletableFuture<FleetDefinitions.Fleet> second = definitions.of("a").toCompletableFuture();
    assertThat(first).isNotDone();
    late.complete(new CoordinatorReply.Definition("a", "name", "text"));
    assertThat(first.join()).isSameAs(second.join());
    assertThat(asked).containsExactly("a");
  }

  @Test
  void whatFailedIsAskedForAgain() {
    answers.put("a", CompletableFuture.failedFuture(new IllegalStateException("no coordinator")));
    assertThatThrownBy(() -> of("a")).hasRootCauseMessage("no coordinator");
    answers.put(
        "a", CompletableFuture.completedFuture(new CoordinatorReply.Refused("there is no run a")));
    assertThatThrownBy(() -> of("a")).hasRootCauseMessage("there is no run a");
    answers.remove("a");
    assertThat(of("a").scenario()).isEqualTo("text of a");
    assertThat(asked).containsExactly("a", "a", "a");
  }

  @Test
  void theFourThatWereWantedLastAreKept() {
    for (String run : List.of("a", "b", "c", "d", "a", "e", "a", "b")) {
      of(run);
    }
    // With e the one that was wanted longest ago went: b.
    assertThat(asked).containsExactly("a", "b", "c", "d", "e", "b");
  }
}
