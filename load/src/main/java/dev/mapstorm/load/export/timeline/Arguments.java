package dev.mapstorm.load.export.timeline;

import java.io.IOException;
import java.util.Arrays;

/** What is told with a slice: names with numbers, addresses or text, in order. Not thread-safe. */
public final class Arguments {
  /** Of no slice. */
  public static final Arguments NONE = new Arguments();

  private static final int USUAL = 6;

  private String[] names = new String[USUAL];
  private long[] numbers = new long[USUAL];
  private Object[] forms = new Object[USUAL];
  private int size;

  /** Marks a number as an address, to be shown in hexadecimal. */
  private static final Object ADDRESS = new Object();

  /** Marks a number as one. */
  private static final Object NUMBER = new Object();

  /** Who hears arguments. */
  public interface Visitor {
    /** A number. */
    void number(String name, long value) throws IOException;

    /** An address in bytes. */
    void address(String name, long value) throws IOException;

    /** A text. */
    void text(String name, String value) throws IOException;
  }

  /** Adds a number. */
  public Arguments number(String name, long value) {
    return add(name, value, NUMBER);
  }

  /** Adds an address. */
  public Arguments address(String name, long value) {
    return add(name, value, ADDRESS);
  }

  /** Adds text. */
  public Arguments text(String name, String value) {
    return add(name, 0, value);
  }

  private Arguments add(String name, long number, Object form) {
    if (size == names.length) {
      names = Arrays.copyOf(names, 2 * size);
      numbers = Arrays.copyOf(numbers, 2 * size);
      forms = Arrays.copyOf(forms, 2 * size);
    }
    names[size] = name;
    numbers[size] = number;
    forms[size] = form;
    size++;
    return this;
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return size == 0;
  }

  /** Shows them in order. */
  public void forEach(Visitor visitor) throws IOException {
    for (int i = 0; i < size; i++) {
      if (forms[i] instanceof String text) {
        visitor.text(names[i], text);
      } else if (forms[i] == ADDRESS) {
        visitor.address(names[i], numbers[i]);
      } else {
        visitor.number(names[i], numbers[i]);
      }
    }
  }
}
