package dev.mapstorm.actors.host;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.RecordSerializer;
import com.esotericsoftware.kryo.util.DefaultInstantiatorStrategy;
import dev.mapstorm.actors.core.HostContext;
import dev.mapstorm.actors.device.DeviceCore;
import dev.mapstorm.actors.driver.QueueDriver;
import dev.mapstorm.actors.driver.RecordedDriver;
import dev.mapstorm.protocol.wire.ClassShape;
import dev.mapstorm.protocol.wire.MapstormKryo;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.objenesis.strategy.StdInstantiatorStrategy;

/**
 * The classes that a checkpoint may hold, found by the types of fields, and how they are written:
 * as graphs of plain fields. What belongs to the run and not to its state (the specification, the
 * clock, the buffer of events) is written as a reference to be filled in when the checkpoint is
 * read. Not thread-safe.
 */
final class CheckpointKryo {
  private static final String OURS = "dev.mapstorm.";

  /** The classes from whose fields all others are reached, apart from those of the kinds. */
  private static final List<Class<?>> ROOTS =
      List.of(HostModel.class, QueueDriver.class, RecordedDriver.class, DeviceCore.class);

  /** Classes that are not mapstorm's, in the order of their numbers. */
  private static final List<Class<?>> PLAIN =
      List.of(
          Object[].class,
          Object[][].class,
          boolean[].class,
          long[][].class,
          int[][].class,
          byte[][].class,
          ArrayList.class,
          ArrayDeque.class);

  private static final List<Class<?>> CLASSES = classes(Kinds.ALL);
  private static final int LAYOUT = ClassShape.of(CLASSES);

  private final Kryo kryo = new Kryo();
  private final List<Object> given;
  private final int layout;

  /**
   * For one machine.
   *
   * @param kinds of units and backends that it may have
   * @param given what is not written but referred to, in the same order for writing and reading
   */
  CheckpointKryo(Kinds kinds, List<Object> given) {
    this.given = given;
    List<Class<?>> classes = kinds == Kinds.ALL ? CLASSES : classes(kinds);
    layout = kinds == Kinds.ALL ? LAYOUT : ClassShape.of(classes);
    kryo.setRegistrationRequired(true);
    kryo.setReferences(true);
    // An array that a message in flight and a request share stays one array, so that equal states
    // give equal bytes for ever.
    kryo.setAutoReset(false);
    kryo.setInstantiatorStrategy(new DefaultInstantiatorStrategy(new StdInstantiatorStrategy()));
    MapstormKryo.registerAll(kryo);
    int id = MapstormKryo.FIRST_FREE;
    for (Class<?> type : classes) {
      if (type == HostContext.class) {
        kryo.register(type, new RecordSerializer<>(HostContext.class), id++);
      } else {
        kryo.register(type, id++);
      }
    }
    registerGiven(id, recordsInFields(classes));
  }

  /**
   * All classes that a checkpoint of a machine of these kinds may hold: what the fields of the
   * roots can refer to, in the order of names, so that it is the same in every process. Records are
   * messages and specifications, which others register.
   */
  private static List<Class<?>> classes(Kinds kinds) {
    Map<String, Class<?>> found = new TreeMap<>();
    ROOTS.forEach(root -> find(root, found));
    findInFields(HostContext.class, found);
    kinds.units().forEach(kind -> kind.state().forEach(root -> find(root, found)));
    kinds.backends().forEach(kind -> kind.state().forEach(root -> find(root, found)));
    List<Class<?>> all = new ArrayList<>(PLAIN);
    all.addAll(found.values());
    all.add(HostContext.class);
    return all;
  }

  private static void find(Type type, Map<String, Class<?>> found) {
    if (type instanceof ParameterizedType generic) {
      find(generic.getRawType(), found);
      for (Type argument : generic.getActualTypeArguments()) {
        find(argument, found);
      }
    } else if (type instanceof Class<?> named) {
      Class<?> element = named;
      while (element.isArray()) {
        element = element.componentType();
      }
      boolean ours = element.getName().startsWith(OURS) && !element.isRecord();
      boolean made = named.isArray() || !named.isInterface();
      if (ours && element.isSealed() && element.isInterface()) {
        for (Class<?> each : element.getPermittedSubclasses()) {
          find(each, found);
        }
      }
      if (ours && made && found.putIfAbsent(named.getName(), named) == null) {
        find(element, found);
        for (Class<?> each = named; each != null; each = each.getSuperclass()) {
          findInFields(each, found);
        }
      }
    }
  }

  private static void findInFields(Class<?> type, Map<String, Class<?>> found) {
    for (Field field : type.isEnum() ? new Field[0] : type.getDeclaredFields()) {
      if (!Modifier.isStatic(field.getModifiers())) {
        find(field.getGenericType(), found);
      }
    }
  }

  /**
   * Records that fields can refer to, in the order of names. A machine may have none of such a
   * specification; Kryo asks for the class of the field all the same.
   */
  private static Collection<Class<?>> recordsInFields(List<Class<?>> classes) {
    Map<String, Class<?>> records = new TreeMap<>();
    for (Class<?> type : classes) {
      for (Class<?> each = type; each != null; each = each.getSuperclass()) {
        for (Field field : each.isEnum() ? new Field[0] : each.getDeclaredFields()) {
          Class<?> of = field.getType();
          if (!Modifier.isStatic(field.getModifiers())
              && of.isRecord()
              && of.getName().startsWith(OURS)) {
            records.put(of.getName(), of);
          }
        }
      }
    }
    return records.values();
  }

  private void registerGiven(int firstId, Collection<Class<?>> records) {
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
    for (Class<?> each : records) {
      if (kryo.getClassResolver().getRegistration(each) == null) {
        kryo.register(each, new GivenSerializer(numbers), id++);
      }
    }
  }

  /** A number for the shape of all classes: bytes of another one cannot be read. */
  int layout() {
    return layout;
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
