package dev.mapstorm.persistence.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mapstorm.actors.host.RandomHosts;
import dev.mapstorm.actors.spec.HostSpec;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class LiveStateProperties {

  @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
  void shouldFoldToWhatTheModelsHold(@ForAll long number) {
    HostSpec spec = RandomHosts.host(number);
    assertThat(new ComparedRun(spec).run()).as("RandomHosts.host(%dL)", number).isEmpty();
  }
}
