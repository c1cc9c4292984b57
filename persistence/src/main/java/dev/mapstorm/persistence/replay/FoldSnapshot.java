package dev.mapstorm.persistence.replay;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.RecordSerializer;
import com.esotericsoftware.kryo.util.DefaultInstantiatorStrategy;
import dev.mapstorm.actors.model.iova.IovaParameters;
import dev.mapstorm.actors.model.iova.IovaSearch;
import dev.mapstorm.persistence.inflight.Call;
import dev.mapstorm.persistence.inflight.InFlight;
import dev.mapstorm.persistence.inflight.Invalidation;
import dev.mapstorm.persistence.inflight.Mapping;
import dev.mapstorm.persistence.inflight.Request;
import dev.mapstorm.persistence.inflight.RequestStage;
import dev.mapstorm.persistence.primitive.LongIntMap;
import dev.mapstorm.persistence.primitive.SlotPool;
import dev.mapstorm.protocol.CallKind;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.InvalidationKind;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.wire.ClassShape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.objenesis.strategy.StdInstantiatorStrategy;

/**
 * A {@link HostFold} as bytes: all its fields, packed. A fold that is read back goes on as if it
 * had never been written. Bytes are only for a program whose folds have the same {@link #shape}.
 * Not thread-safe; reuse one.
 */
public final class FoldSnapshot {
  /** The classes of a fold; the order is their numbers. */
  private static final List<Class<?>> GRAPHS =
      List.of(
          HostFold.class,
          DomainFold.class,
          GranuleTable.class,
          CachedRanges.class,
          Call.class,
          Request.class,
          Mapping.class,
          Invalidation.class,
          LongIntMap.class,
          SlotPool.class);

  private static final List<Class<? extends Record>> RECORDS =
      List.of(HostState.Violation.class, IovaParameters.class);

  private static final List<Class<?>> PLAIN =
      List.of(
          DomainFold[].class,
          RangeState.class,
          ArrayList.class,
          HashMap.class,
          CallKind.class,
          RequestStage.class,
          Direction.class,
          MapApi.class,
          InvalidationKind.class,
          IovaSearch.class,
          int[].class,
          int[][].class,
          long[].class,
          long[][].class);

  private final Kryo kryo = new Kryo();
  private final Output out = new Output(64 * 1024, -1);
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);

  /** A writer and reader of snapshots. */
  public FoldSnapshot() {
    kryo.setRegistrationRequired(true);
    kryo.setReferences(true);
    kryo.setInstantiatorStrategy(new DefaultInstantiatorStrategy(new StdInstantiatorStrategy()));
    GRAPHS.forEach(kryo::register);
    PLAIN.forEach(kryo::register);
    RECORDS.forEach(this::register);
    kryo.register(InFlight.class, new InFlightSerializer());
  }

  /** What is in flight, without the objects that wait to be used again. */
  private static final class InFlightSerializer extends Serializer<InFlight> {
    @Override
    public void write(Kryo kryo, Output out, InFlight inFlight) {
      kryo.writeObject(out, new ArrayList<>(inFlight.calls()));
      kryo.writeObject(out, new ArrayList<>(inFlight.mappings()));
      kryo.writeObject(out, new ArrayList<>(inFlight.requests()));
      kryo.writeObject(out, new ArrayList<>(inFlight.invalidations()));
    }

    @Override
    public InFlight read(Kryo kryo, Input in, Class<? extends InFlight> type) {
      return InFlight.of(
          list(kryo, in, Call.class),
          list(kryo, in, Mapping.class),
          list(kryo, in, Request.class),
          list(kryo, in, Invalidation.class));
    }

    private static <T> List<T> list(Kryo kryo, Input in, Class<T> of) {
      List<T> list = new ArrayList<>();
      for (Object each : kryo.readObject(in, ArrayList.class)) {
        list.add(of.cast(each));
      }
      return list;
    }
  }

  private <T extends Record> void register(Class<T> type) {
    kryo.register(type, new RecordSerializer<>(type));
  }

  /**
   * A number that differs between programs whose folds have other fields, so that their bytes are
   * not taken for each other's.
   */
  public static int shape() {
    List<Class<?>> all = new ArrayList<>(GRAPHS);
    all.addAll(PLAIN);
    all.addAll(RECORDS);
    return ClassShape.of(all);
  }

  /** The bytes of a fold. */
  public byte[] write(HostFold fold) {
    out.reset();
    kryo.writeObject(out, fold);
    ByteArrayOutputStream packed = new ByteArrayOutputStream(out.position() / 4);
    deflater.reset();
    DeflaterOutputStream deflating = new DeflaterOutputStream(packed, deflater, 16 * 1024);
    try (deflating) {
      deflating.write(out.getBuffer(), 0, out.position());
    } catch (IOException e) {
      throw new UncheckedIOException("an array cannot be written to", e);
    }
    return packed.toByteArray();
  }

  /**
   * The fold of some bytes.
   *
   * @throws IllegalArgumentException if they are not what {@link #write} gave
   */
  public HostFold read(byte[] bytes) {
    Input in = new Input(new InflaterInputStream(new ByteArrayInputStream(bytes)), 64 * 1024);
    try {
      HostFold fold = kryo.readObject(in, HostFold.class);
      fold.restored();
      return fold;
    } catch (KryoException e) {
      throw new IllegalArgumentException("not the state of a fold: " + e.getMessage(), e);
    }
  }
}
