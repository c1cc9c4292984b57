package dev.mapstorm.load.bench;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.RecordSerializer;
import dev.mapstorm.actors.host.BareLoop;
import dev.mapstorm.actors.spec.HostSpec;
import dev.mapstorm.load.scenario.ScenarioLoader;
import dev.mapstorm.protocol.event.ColumnDecoder;
import dev.mapstorm.protocol.event.ColumnEncoder;
import dev.mapstorm.protocol.event.Event;
import dev.mapstorm.protocol.event.EventRecorder;
import dev.mapstorm.protocol.event.EventWords;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * The journal's columns against the same events as plain Kryo records: size, time to write, time to
 * read. One batch of strict 4 KiB reads.
 */
public final class CodecBench {
  private static final int REPEATS = 200;

  private final int rounds;
  private final Consumer<String> progress;
  private final List<Event> events = new ArrayList<>();
  private final EventWords words = new EventWords(1 << 16);
  private final Kryo kryo = new Kryo();

  /** A bench of {@code rounds} rounds that count. */
  public CodecBench(int rounds, Consumer<String> progress) {
    this.rounds = rounds;
    this.progress = progress;
    HostSpec spec =
        new ScenarioLoader("bench")
            .set("--duration", "duration", "20ms")
            .load("nvme-4k")
            .hosts()
            .get(0);
    EventRecorder recorder = new EventRecorder(events::add);
    List<EventWords> batches = new ArrayList<>();
    // The second batch: the first one holds the warm-up of the models.
    new BareLoop(
            spec,
            batch -> {
              batches.add(batch);
              if (batches.size() == 2) {
                batch.forEach(recorder);
              }
            })
        .run();
    events.forEach(event -> event.to(words));
    kryo.setRegistrationRequired(true);
    kryo.setReferences(false);
    for (Class<?> kind : Event.class.getDeclaredClasses()) {
      registerRecord(kind);
    }
    registerRecord(dev.mapstorm.protocol.Phyr.class);
    kryo.register(List.of().getClass());
    kryo.register(List.of(1).getClass());
  }

  private <T extends Record> void registerRecord(Class<?> type) {
    if (type.isRecord()) {
      @SuppressWarnings("unchecked")
      Class<T> record = (Class<T>) type;
      kryo.register(record, new RecordSerializer<>(record));
    }
  }

  /** Measures size, encoding and decoding. */
  public List<BenchResult> run() {
    progress.accept("journal codec against Kryo records, a batch of " + events.size() + " events");
    ColumnEncoder encoder = new ColumnEncoder();
    ColumnDecoder decoder = new ColumnDecoder();
    EventWords decoded = new EventWords(1 << 16);
    byte[] columns = encoder.encode(words);
    byte[] records = writeRecords();
    double bytes = (double) columns.length / events.size();
    double recordBytes = (double) records.length / events.size();
    double write = nanos(i -> encoder.encode(words).length);
    double recordWrite = nanos(i -> writeRecords().length);
    double read =
        nanos(
            i -> {
              decoder.decode(columns, events.size(), decoded);
              return decoded.count();
            });
    double recordRead = nanos(i -> readRecords(records));
    return List.of(
        compare("journal batch, size", "bytes/event", bytes, recordBytes),
        compare("journal batch, encoding", "ns/event", write, recordWrite),
        compare("journal batch, decoding", "ns/event", read, recordRead));
  }

  private static BenchResult compare(String name, String unit, double value, double baseline) {
    return new BenchResult(
        name, unit, value, "Kryo records, registered", baseline, baseline / value, 0, "");
  }

  private byte[] writeRecords() {
    Output out = new Output(1 << 20, -1);
    for (Event event : events) {
      kryo.writeClassAndObject(out, event);
    }
    return out.toBytes();
  }

  private long readRecords(byte[] bytes) {
    Input in = new Input(bytes);
    long sum = 0;
    for (int i = 0; i < events.size(); i++) {
      sum += ((Event) kryo.readClassAndObject(in)).t();
    }
    return sum;
  }

  /** Nanoseconds an event, median over the rounds. */
  private double nanos(ToLongFunction<Integer> work) {
    double[] times = new double[rounds];
    long sum = 0;
    for (int round = -1; round < rounds; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < REPEATS; i++) {
        sum += work.applyAsLong(i);
      }
      if (round >= 0) {
        times[round] = (double) (System.nanoTime() - start) / ((double) REPEATS * events.size());
      }
    }
    if (sum == 0) {
      throw new IllegalStateException("nothing was measured");
    }
    Arrays.sort(times);
    return times[rounds / 2];
  }
}
