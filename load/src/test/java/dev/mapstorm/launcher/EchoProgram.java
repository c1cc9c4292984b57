package dev.mapstorm.launcher;

/** Stands in for the program: prints its arguments, one a line. */
public final class EchoProgram {
  private EchoProgram() {}

  /** Prints; exits with 7 when the first argument is {@code fail}. */
  public static void main(String[] args) {
    for (String arg : args) {
      System.out.println("<" + arg + ">");
    }
    if (args.length > 0 && args[0].equals("fail")) {
      System.exit(7);
    }
  }
}
