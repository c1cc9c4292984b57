package dev.mapstorm.load.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProbeTest {
  private final AtomicLong wallNs = new AtomicLong();

  @Test
  void whatHasNoAnswerWithinTheLimitDoesNotAnswer() throws Exception {
    SynchronousQueue<CountDownLatch> attempts = new SynchronousQueue<>();
    try (Probe probe =
        new Probe(
            "test",
            () -> {
              CountDownLatch answer = new CountDownLatch(1);
              attempts.put(answer);
              answer.await();
            },
            wallNs::get)) {
      CountDownLatch first = attempts.take();
      assertThat(probe.trouble()).isEqualTo("was not asked yet");
      first.countDown();
      CountDownLatch second = attempts.take();
      assertThat(probe.trouble()).isEmpty();
      wallNs.addAndGet(Probe.LIMIT.toNanos());
      assertThat(probe.trouble()).isEmpty();
      wallNs.incrementAndGet();
      assertThat(probe.trouble()).isEqualTo("does not answer within 10 s");
      second.countDown();
      attempts.take();
      assertThat(probe.trouble()).isEmpty();
    }
  }

  @Test
  void whatFailsIsSaidInOneLine() throws Exception {
    SynchronousQueue<String> asked = new SynchronousQueue<>();
    try (Probe probe =
        new Probe(
            "test",
            () -> {
              asked.put("");
              throw new IllegalStateException(" no\n  database ");
            },
            wallNs::get)) {
      asked.take();
      asked.take();
      assertThat(probe.trouble()).isEqualTo("no database");
    }
  }
}
