package dev.mapstorm.load.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;

/** Runs command lines in this process, as a shell would see them. */
public final class CommandLineFixture {
  private CommandLineFixture() {}

  /** What a command line left behind. */
  public record Ran(int code, String out, String err) {
    /** The last line of the results. */
    public String lastLine() {
      String[] lines = out.split("\n");
      return lines[lines.length - 1];
    }

    /** The results, which must be JSON and nothing else. */
    public JsonNode json() {
      try {
        return new ObjectMapper().readTree(out);
      } catch (JsonProcessingException e) {
        throw new AssertionError("not JSON: " + out, e);
      }
    }
  }

  /** Runs a command line, not on a terminal. */
  public static Ran mapstorm(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Console console = new Console(new PrintWriter(out), new PrintWriter(err), false);
    int code = new Program(console).run(args);
    return new Ran(code, out.toString(), err.toString());
  }
}
