package dev.mapstorm.load.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LineLimitTest {
  private static final String PEKKO = "org.apache.pekko.remote.artery.Decoder";

  private final LoggerContext context = new LoggerContext();
  private final ListAppender<ILoggingEvent> written = new ListAppender<>();
  private final LineLimit limit = new LineLimit();

  @BeforeEach
  void start() {
    written.setContext(context);
    written.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(written);
    root.setLevel(Level.INFO);
    limit.setContext(context);
    limit.setLines(3);
    // Its windows are ended by the test.
    limit.setSeconds(3600);
    limit.start();
    context.addTurboFilter(limit);
  }

  @AfterEach
  void end() {
    context.stop();
  }

  private List<String> lines() {
    List<String> lines = written.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    written.list.clear();
    return lines;
  }

  @Test
  void moreLinesThanALoggerMayWriteAreCounted() {
    for (int i = 0; i < 1000; i++) {
      context.getLogger("a").warn("line {}", i);
    }
    context.getLogger("b").warn("of another logger");
    context.getLogger("a").error("of another level");
    assertThat(lines())
        .containsExactly(
            "line 0",
            "line 1",
            "line 2",
            "3 such lines within 3600 s: more of this logger are only counted until then",
            "of another logger",
            "of another level");

    limit.endWindow();
    assertThat(written.list).hasSize(1).allMatch(line -> line.getLoggerName().equals("a"));
    assertThat(lines()).containsExactly("997 more such lines in the last 3600 s");

    context.getLogger("a").warn("in the next window");
    limit.endWindow();
    assertThat(lines()).containsExactly("in the next window");
  }

  /** So that Pekko does not queue what would not be written. */
  @Test
  void aLoggerThatIsOverItsLimitIsOff() {
    Logger logger = context.getLogger(PEKKO);
    for (int i = 0; i < 3; i++) {
      assertThat(logger.isWarnEnabled()).isTrue();
      assertThat(logger.isWarnEnabled()).isTrue();
      logger.warn("x");
    }
    for (int i = 0; i < 10; i++) {
      assertThat(logger.isWarnEnabled()).isFalse();
    }
    limit.endWindow();
    assertThat(lines()).last().isEqualTo("10 more such lines in the last 3600 s");
    assertThat(logger.isWarnEnabled()).isTrue();
  }

  @Test
  void informationIsLimitedOnlyWhereStrangersCauseIt() {
    for (int i = 0; i < 100; i++) {
      context.getLogger("dev.mapstorm.actors.pekko.Host").info("ended");
    }
    assertThat(lines()).hasSize(100);
    for (int i = 0; i < 100; i++) {
      context.getLogger(PEKKO).info("x");
    }
    assertThat(lines()).hasSize(4);
  }

  /** A level that is off stays off, and what is not written is not counted. */
  @Test
  void whatIsBelowTheLevelIsNotCounted() {
    context.getLogger("a").setLevel(Level.ERROR);
    for (int i = 0; i < 100; i++) {
      context.getLogger("a").warn("x");
      context.getLogger("a").debug("x");
    }
    limit.endWindow();
    assertThat(lines()).isEmpty();
  }
}
