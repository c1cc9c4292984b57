package dev.mapstorm.load.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Many inputs of one kind, each from a seed of its own that is printed when it does harm.
 *
 * <p>{@code mapstorm.fuzz} is how many seconds are spent on a kind; without it, the number of
 * inputs that a build has time for, or {@code mapstorm.fuzz-inputs}. {@code mapstorm.fuzz-seed} and
 * {@code mapstorm.fuzz-from} begin at one input again. {@code mapstorm.fuzz-log} is a file to which
 * a line a kind is added.
 */
public final class Campaign {
  private static final long SECONDS = Long.getLong("mapstorm.fuzz", 0);
  private static final long SEED = Long.getLong("mapstorm.fuzz-seed", 20261130);
  private static final long FROM = Long.getLong("mapstorm.fuzz-from", 0);
  private static final Integer INPUTS = Integer.getInteger("mapstorm.fuzz-inputs");
  private static final String LOG = System.getProperty("mapstorm.fuzz-log");

  /** An answer later than this is none; a build on a busy machine waits longer than a user. */
  private static final long LIMIT_SECONDS = Long.getLong("mapstorm.fuzz-limit", 60);

  /** In the environment of every process, and right for nothing that can be asked. */
  private static final String SECRET = System.getenv("PATH");

  /** Of a stack trace, of what only a defect says, and of files that no input may read. */
  private static final String HARM =
      "(?s).*(\n\\s+at [\\w.$]+\\(|\\b[a-z]+\\.[a-z.]+\\.[A-Z]\\w+(Exception|Error)\\b|root:x:0|cannot be cast|"
          + "out of bounds|unexpected error|NullPointer|because \"|cannot be written as JSON|mapstorm: \\w+Exception\\b|\nCaused by).*";

  private final String kind;
  private final int inputs;
  private final Map<String, Integer> answers = new TreeMap<>();
  private long longestNs;
  private long longestInput;

  /**
   * @param kind of input, for messages
   * @param inputs in a build
   */
  public Campaign(String kind, int inputs) {
    this.kind = kind;
    this.inputs = INPUTS == null ? inputs : INPUTS;
  }

  /** Makes one input and gives it to the program. */
  @FunctionalInterface
  public interface Attempt {
    /**
     * @return what kind of answer it was, to be counted
     */
    String answer(SplittableRandom random) throws Exception;
  }

  /** Runs them all. */
  public void run(Attempt attempt) throws Exception {
    ExecutorService thread =
        Executors.newCachedThreadPool(
            task -> {
              Thread made = new Thread(task, "fuzz " + kind);
              made.setDaemon(true);
              return made;
            });
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    long input = FROM;
    while (SECONDS > 0 ? System.nanoTime() < end : input < FROM + inputs) {
      SplittableRandom random = new SplittableRandom(SEED * 1_000_003 + input);
      long begin = System.nanoTime();
      Future<String> answer = thread.submit(() -> attempt.answer(random));
      String which = "input %d of seed %d (%s)".formatted(input, SEED, kind);
      try {
        answers.merge(answer.get(LIMIT_SECONDS, TimeUnit.SECONDS), 1, Integer::sum);
      } catch (TimeoutException e) {
        throw new AssertionError(which + ": no answer after " + LIMIT_SECONDS + " s", e);
      } catch (ExecutionException e) {
        throw new AssertionError(which, e.getCause());
      }
      long took = System.nanoTime() - begin;
      if (took > longestNs) {
        longestNs = took;
        longestInput = input;
      }
      input++;
    }
    thread.shutdown();
    String line =
        "%s: %d inputs of seed %d from %d, %s; the longest took %.1f s (input %d)%n"
            .formatted(kind, input - FROM, SEED, FROM, answers, longestNs / 1e9, longestInput);
    System.out.print(line);
    if (LOG != null) {
      Files.writeString(
          Path.of(LOG),
          line,
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  /** Fails if a text tells of the environment, of other files, or of a defect. */
  public static void assertHarmless(String said, byte[] input) {
    if (said.contains(SECRET) || said.matches(HARM) || said.length() > 200_000) {
      throw new AssertionError(
          "said: "
              + said.substring(0, Math.min(4_000, said.length()))
              + "\nto: "
              + new String(input, 0, Math.min(4_000, input.length), StandardCharsets.ISO_8859_1));
    }
    assertThat(said).doesNotContain("\u001b");
  }
}
