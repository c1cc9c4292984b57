package dev.mapstorm.actors.host;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.RecordSerializer;
import com.esotericsoftware.kryo.util.DefaultInstantiatorStrategy;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.protocol.Direction;
import dev.mapstorm.protocol.LockClass;
import dev.mapstorm.protocol.MapApi;
import dev.mapstorm.protocol.wire.ClassShape;
import dev.mapstorm.protocol.wire.MapstormKryo;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.objenesis.strategy.StdInstantiatorStrategy;

/**
 * The classes that a checkpoint may hold, in a fixed order, and how they are written: as graphs of
 * plain fields. What belongs to the run and not to its state (the specification, the clock, the
 * buffer of events) is written as a reference to be filled in when the checkpoint is read. Not
 * thread-safe.
 */
final class CheckpointKryo {
  private static final String ROOT = "dev.mapstorm.actors.";

  /**
   * Below {@link #ROOT}. The order is the class numbers: it may change, since a checkpoint is only
   * read by the version that wrote it.
   */
  private static final List<String> CLASSES =
      List.of(
          "host.HostModel",
          "core.HostLayout",
          "core.Slots",
          "core.IntQueue",
          "driver.Cpu",
          "driver.DmaRequest",
          "[Ldriver.DmaRequest;",
          "driver.DmaCaller",
          "backend.direct.DmaDirect",
          "backend.iommu.DmaIommu",
          "core.DomainCall",
          "core.DomainCall$Step",
          "backend.CallLog",
          "backend.Mapping",
          "unit.PageMapper",
          "backend.iommu.IovaSpace",
          "backend.iommu.LazyQueue",
          "device.DeviceCore",
          "device.DeviceCore$Request",
          "unit.vtd.VtdUnit",
          "unit.vtd.VtdUnit$Translation",
          "unit.vtd.VtdUnit$Invalidation",
          "driver.QueueDriver",
          "driver.SyntheticRequests",
          "driver.RepeatedRequests",
          "driver.PacedArrivals",
          "driver.RecordedArrivals",
          "driver.RecordedDriver",
          "driver.RecordedDriver$CallingCpu",
          "[Ldriver.RecordedDriver$CallingCpu;",
          "driver.RecordedDriver$Stage",
          "[Ldriver.RecordedDriver$Stage;",
          "time.SplitMix",
          "model.lock.LockRegister",
          "model.lock.SpinLock",
          "[Lmodel.lock.SpinLock;",
          "model.memory.ScatteredMemory",
          "model.iova.IovaDomain",
          "model.iova.IovaTree",
          "model.iova.IovaRcaches",
          "model.iova.IovaPath",
          "model.iova.Pci32Workaround",
          "model.flush.FlushQueue",
          "model.iotlb.Iotlb",
          "model.vtd.InvalidationQueue",
          "model.vtd.PsiRange",
          "model.sg.SgLayout",
          "model.pagetable.PageTable",
          "model.pagetable.TablePages",
          "model.pagetable.PageSizes",
          "model.pagetable.PageWalk",
          "model.pagetable.MappedRuns",
          "model.pagetable.UnmappedRuns",
          "model.pagetable.IotlbGather");

  /** Classes of other packages, in the order of their numbers. */
  private static final List<Class<?>> PLAIN =
      List.of(
          boolean[].class,
          long[][].class,
          int[][].class,
          byte[][].class,
          LockClass.class,
          Direction.class,
          MapApi.class,
          ArrayList.class,
          ArrayDeque.class);

  private static final int LAYOUT = ClassShape.of(classes());

  private final Kryo kryo = new Kryo();
  private final List<Object> given;

  /**
   * For one machine.
   *
   * @param given what is not written but referred to, in the same order for writing and reading
   */
  CheckpointKryo(List<Object> given) {
    this.given = given;
    kryo.setRegistrationRequired(true);
    kryo.setReferences(true);
    // An array that a message in flight and a request share stays one array, so that equal states
    // give equal bytes for ever.
    kryo.setAutoReset(false);
    kryo.setInstantiatorStrategy(new DefaultInstantiatorStrategy(new StdInstantiatorStrategy()));
    MapstormKryo.registerAll(kryo);
    int id = MapstormKryo.FIRST_FREE;
    for (Class<?> type : PLAIN) {
      kryo.register(type, id++);
    }
    for (String name : CLASSES) {
      kryo.register(classNamed(name), id++);
    }
    kryo.register(HostContext.class, new RecordSerializer<>(HostContext.class), id++);
    registerGiven(id);
  }

  private static List<Class<?>> classes() {
    List<Class<?>> all = new ArrayList<>(PLAIN);
    CLASSES.forEach(name -> all.add(classNamed(name)));
    all.add(HostContext.class);
    return all;
  }

  private static Class<?> classNamed(String name) {
    String full = name.startsWith("[L") ? "[L" + ROOT + name.substring(2) : ROOT + name;
    try {
      return Class.forName(full);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "a checkpoint names the class " + full + ", which is not there", e);
    }
  }

  private void registerGiven(int firstId) {
    int id = firstId;
    Map<Object, Integer> numbers = new IdentityHashMap<>();
    for (int i = 0; i < given.size(); i++) {
      numbers.put(given.get(i), i);
    }
    for (Object each : given) {
      if (kryo.getClassResolver().getRegistration(each.getClass()) == null) {
        kryo.register(each.getClass(), new GivenSerializer(numbers), id++);
      }
    }
  }

  /** A number for the shape of all classes: bytes of another one cannot be read. */
  int layout() {
    return LAYOUT;
  }

  /** Forgets what was written or read before. */
  void reset() {
    kryo.reset();
  }

  void write(Output out, Object graph) {
    kryo.writeClassAndObject(out, graph);
  }

  Object read(Input in) {
    return kryo.readClassAndObject(in);
  }

  /** Writes the number of an object that both sides have. */
  private final class GivenSerializer extends Serializer<Object> {
    private final Map<Object, Integer> numbers;

    GivenSerializer(Map<Object, Integer> numbers) {
      super(false, true);
      this.numbers = numbers;
    }

    @Override
    public void write(Kryo unused, Output out, Object object) {
      Integer number = numbers.get(object);
      if (number == null) {
        throw new IllegalStateException(
            "a checkpoint would hold a " + object.getClass().getName() + " of its own");
      }
      out.writeVarInt(number, true);
    }

    @Override
    public Object read(Kryo unused, Input in, Class<? extends Object> type) {
      return given.get(in.readVarInt(true));
    }
  }
}
