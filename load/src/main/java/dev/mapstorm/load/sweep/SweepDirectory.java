package dev.mapstorm.load.sweep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mapstorm.persistence.store.FileErrors;
import dev.mapstorm.persistence.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a sweep is kept: {@code sweep.jsonl}, its plan in the first line, then a line for each run
 * that has ended, in the order in which they ended. A line that a kill cut off is dropped when the
 * sweep is continued. One process at a time has it. Thread-safe.
 */
public final class SweepDirectory implements AutoCloseable {
  private static final String FILE = "sweep.jsonl";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path path;
  private final FileChannel channel;
  private final SweepPlan plan;
  private final List<RunResult> ended;

  private SweepDirectory(Path path, FileChannel channel, SweepPlan plan, List<RunResult> ended) {
    this.path = path;
    this.channel = channel;
    this.plan = plan;
    this.ended = ended;
  }

  /**
   * A new one.
   *
   * @param path a directory that is empty or not there yet
   * @throws StoreException if it cannot be made
   */
  public static SweepDirectory create(Path path, SweepPlan plan) {
    FileChannel channel = null;
    try {
      Files.createDirectories(path);
      Path file = path.resolve(FILE);
      if (Files.exists(file)) {
        throw new StoreException(
            "%s holds a sweep: continue it with --resume, or name another directory"
                .formatted(path));
      }
      channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      lock(path, channel);
      SweepDirectory made = new SweepDirectory(path, channel, plan, List.of());
      made.append(MAPPER.writeValueAsString(plan));
      return made;
    } catch (IOException e) {
      close(channel);
      throw new StoreException("%s cannot be made: %s".formatted(path, FileErrors.reason(e)), e);
    }
  }

  /**
   * One that was stopped.
   *
   * @throws StoreException if there is none, it is damaged, or another process has it
   */
  public static SweepDirectory open(Path path) {
    Path file = path.resolve(FILE);
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      lock(path, channel);
      byte[] bytes = Files.readAllBytes(file);
      int whole = bytes.length;
      while (whole > 0 && bytes[whole - 1] != '\n') {
        whole--;
      }
      String[] lines = new String(bytes, 0, whole, StandardCharsets.UTF_8).split("\n");
      SweepPlan plan = read(file, lines, 0, SweepPlan.class);
      List<RunResult> ended = new ArrayList<>();
      for (int i = 1; i < lines.length; i++) {
        RunResult result = read(file, lines, i, RunResult.class);
        if (result.run() < 0 || result.run() >= plan.runs() || result.figures() == null) {
          throw damaged(file, i, "it is of no run of this sweep");
        }
        ended.add(result);
      }
      channel.truncate(whole);
      channel.position(whole);
      return new SweepDirectory(path, channel, plan, List.copyOf(ended));
    } catch (NoSuchFileException e) {
      throw new StoreException("%s holds no sweep: there is no %s".formatted(path, FILE), e);
    } catch (IOException e) {
      close(channel);
      throw new StoreException("%s cannot be read: %s".formatted(file, FileErrors.reason(e)), e);
    } catch (StoreException e) {
      close(channel);
      throw e;
    }
  }

  private static void lock(Path path, FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      throw busy(path, e);
    }
    throw busy(path, null);
  }

  private static StoreException busy(Path path, Exception cause) {
    return new StoreException(path + ": another process runs this sweep", cause);
  }

  private static <T> T read(Path file, String[] lines, int line, Class<T> type) {
    try {
      T read = MAPPER.readValue(lines[line], type);
      if (read != null) {
        return read;
      }
    } catch (JsonProcessingException | RuntimeException e) {
      throw damaged(file, line, "it is not what mapstorm wrote");
    }
    throw damaged(file, line, "it is empty");
  }

  private static StoreException damaged(Path file, int line, String why) {
    return new StoreException("%s:%d is damaged: %s".formatted(file, line + 1, why), null);
  }

  private static void close(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // What failed before is what the user hears of.
        return;
      }
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** What it runs. */
  public SweepPlan plan() {
    return plan;
  }

  /** The runs that had ended when it was opened. */
  List<RunResult> ended() {
    return ended;
  }

  /**
   * Keeps a run that has ended, on the disk when this returns.
   *
   * @throws StoreException if it cannot be written
   */
  synchronized void add(RunResult result) {
    try {
      append(MAPPER.writeValueAsString(result));
    } catch (IOException e) {
      throw new StoreException(
          "%s cannot be written: %s".formatted(path.resolve(FILE), FileErrors.reason(e)), e);
    }
  }

  private void append(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    channel.force(false);
  }

  @Override
  public void close() {
    close(channel);
  }
}
