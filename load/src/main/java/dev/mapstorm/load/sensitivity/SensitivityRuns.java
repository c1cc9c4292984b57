package dev.mapstorm.load.sensitivity;

import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.scenario.PricedHost;
import dev.mapstorm.load.scenario.ProfileFigure;
import dev.mapstorm.load.scenario.ScenarioException;
import dev.mapstorm.load.validate.CallTimes;
import dev.mapstorm.protocol.event.EventSink;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleConsumer;

/**
 * Executes the beginning of a run again and again, each time with one figure of its platform at its
 * least or at its most, and sees what that does to the headlines. What figures do alone is added as
 * the errors of independent measurements are: by squares, for either side. Deterministic. Not
 * thread-safe.
 */
public final class SensitivityRuns {
  private static final int STEPS_BETWEEN_LOOKS = 4096;

  /** The first half, in which caches fill, is not counted. */
  private static final int WARM_UP = 2;

  /** A smaller share is what is left of a queue that falls out otherwise. */
  private static final double LEAST_SHARE = 0.001;

  private final PricedHost host;
  private final BooleanSupplier stopped;
  private final List<String> notVaried = new ArrayList<>();
  private long untilNs;
  private int runs;

  /**
   * For a run.
   *
   * @param stopped asked now and then
   */
  public SensitivityRuns(PricedHost host, BooleanSupplier stopped) {
    this.host = host;
    this.stopped = stopped;
  }

  /** What is measured of one execution. */
  private record Measured(double map, double unmap, double latency, double requests) {
    double of(int headline) {
      return switch (headline) {
        case 0 -> map;
        case 1 -> unmap;
        case 2 -> latency;
        default -> requests;
      };
    }
  }

  /** A figure and what its least and its most give. */
  private record Moved(ProfileFigure figure, Measured atLow, Measured atHigh) {
    double down(Measured as, int headline) {
      return as.of(headline)
          - Math.min(as.of(headline), Math.min(atLow.of(headline), atHigh.of(headline)));
    }

    double up(Measured as, int headline) {
      return Math.max(as.of(headline), Math.max(atLow.of(headline), atHigh.of(headline)))
          - as.of(headline);
    }

    double square(Measured as, int headline) {
      return down(as, headline) * down(as, headline) + up(as, headline) * up(as, headline);
    }
  }

  /**
   * Does it.
   *
   * @param steps of the clock that are executed each time, at most
   * @param progress hears how far it is, 0 to 1
   * @throws CancellationException if it was stopped
   * @throws ScenarioException if nothing is mapped or done in so few steps
   */
  public Sensitivity run(int steps, DoubleConsumer progress) {
    untilNs = reach(steps);
    Measured as = measure(host.host());
    List<ProfileFigure> figures =
        host.platform().figures().stream()
            .filter(each -> each.low().compareTo(each.high()) != 0)
            .toList();
    List<Moved> moved = new ArrayList<>();
    for (int i = 0; i < figures.size(); i++) {
      progress.accept((double) i / figures.size());
      moved.add(moved(figures.get(i), as));
    }
    List<Headline> headlines = new ArrayList<>();
    String[] names = {"map call", "unmap call", "latency", "requests"};
    for (int headline = 0; headline < names.length; headline++) {
      if (as.of(headline) > 0) {
        headlines.add(headline(names[headline], headline, as, moved));
      }
    }
    if (headlines.isEmpty()) {
      throw new ScenarioException(
          "nothing is mapped and no request is done in the second half of the first %d steps"
              .formatted(steps));
    }
    return new Sensitivity(
        host.platform().name(),
        untilNs / WARM_UP,
        untilNs,
        runs,
        List.copyOf(headlines),
        List.copyOf(notVaried));
  }

  /** The instant that so many steps reach; the end of the run if it has fewer. */
  private long reach(int steps) {
    BareLoop loop = BareLoop.unbatched(host.host(), EventSink.NONE);
    for (int i = 0; i < steps && loop.step(); i++) {
      look(i);
    }
    return Math.max(1, Math.min(loop.now(), host.host().endNs()));
  }

  private void look(int step) {
    if (step % STEPS_BETWEEN_LOOKS == 0 && stopped.getAsBoolean()) {
      throw new CancellationException("stopped");
    }
  }

  private Measured measure(HostSpec spec) {
    runs++;
    CallTimes times = new CallTimes(untilNs / WARM_UP);
    BareLoop loop = BareLoop.unbatched(spec, times);
    for (int i = 0; loop.now() <= untilNs && loop.step(); i++) {
      look(i);
    }
    return new Measured(
        times.maps().mean(),
        times.unmaps().mean(),
        times.latencies().mean(),
        times.requestsPerSecond());
  }

  /**
   * What costs nothing at its most costs nothing at its least; of what is counted that is not so.
   */
  private Moved moved(ProfileFigure figure, Measured as) {
    Measured high = at(figure, figure.high(), as);
    boolean idle =
        high.equals(as)
            && figure.high().compareTo(figure.value()) > 0
            && !figure.unit().equals("count");
    return new Moved(figure, idle ? as : at(figure, figure.low(), as), high);
  }

  private Measured at(ProfileFigure figure, BigDecimal value, Measured as) {
    if (value.compareTo(figure.value()) == 0) {
      return as;
    }
    HostSpec spec;
    try {
      spec = host.with(figure.key(), value);
    } catch (ScenarioException e) {
      notVaried.add(figure.key() + " " + value.toPlainString());
      return as;
    }
    return measure(spec);
  }

  private static Headline headline(String name, int headline, Measured as, List<Moved> moved) {
    double down = 0;
    double up = 0;
    for (Moved each : moved) {
      down += each.down(as, headline) * each.down(as, headline);
      up += each.up(as, headline) * each.up(as, headline);
    }
    double all = down + up;
    List<Influence> hangsOn =
        moved.stream()
            .filter(each -> all > 0 && each.square(as, headline) / all >= LEAST_SHARE)
            .map(
                each ->
                    new Influence(
                        each.figure().key(),
                        each.figure().basis().word(),
                        each.figure().amountInRange(),
                        each.atLow().of(headline),
                        each.atHigh().of(headline),
                        each.square(as, headline) / all))
            .sorted(Comparator.comparingDouble(Influence::share).reversed())
            .toList();
    double value = as.of(headline);
    return new Headline(
        name,
        name.equals("requests") ? "1/s" : "ns",
        value,
        Math.max(0, value - Math.sqrt(down)),
        value + Math.sqrt(up),
        hangsOn);
  }
}
