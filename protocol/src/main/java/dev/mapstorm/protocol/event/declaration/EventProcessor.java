package dev.mapstorm.protocol.event.declaration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.Filer;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.tools.Diagnostic;
import javax.tools.StandardLocation;

/**
 * Makes everything about events from the methods of one interface that have a {@link Kind}: the
 * sources that {@link EventSources} writes, and the tables of the documentation as resources next
 * to them. A declaration that makes no sense is an error at its method.
 */
@SupportedAnnotationTypes("dev.mapstorm.protocol.event.declaration.Kind")
public final class EventProcessor extends AbstractProcessor {
  private static final int MOST_CODES = 254;

  /** An argument of a name is either never a code or a code of the same enum. */
  private final Map<String, String> codesOfName = new HashMap<>();

  /** Constructed by the compiler. */
  public EventProcessor() {}

  @Override
  public SourceVersion getSupportedSourceVersion() {
    return SourceVersion.latestSupported();
  }

  /** Something is wrong with a declaration. */
  private static final class DeclarationException extends RuntimeException {
    private final transient Element at;

    DeclarationException(Element at, String message) {
      super(message);
      this.at = at;
    }
  }

  @Override
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
    Set<? extends Element> kinds = round.getElementsAnnotatedWith(Kind.class);
    if (kinds.isEmpty()) {
      return false;
    }
    try {
      generate((TypeElement) kinds.iterator().next().getEnclosingElement());
    } catch (DeclarationException e) {
      processingEnv.getMessager().printMessage(Diagnostic.Kind.ERROR, e.getMessage(), e.at);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return false;
  }

  private void generate(TypeElement sink) throws IOException {
    List<DeclaredEvent> events = new ArrayList<>();
    for (Element member : sink.getEnclosedElements()) {
      if (member.getKind() == ElementKind.METHOD) {
        DeclaredEvent event = event(sink, (ExecutableElement) member);
        if (!events.isEmpty() && event.code() <= events.get(events.size() - 1).code()) {
          throw new DeclarationException(member, "codes must ascend in the order of methods");
        }
        events.add(event);
      }
    }
    String in = processingEnv.getElementUtils().getPackageOf(sink).getQualifiedName().toString();
    EventSources sources = new EventSources(in, events);
    Filer filer = processingEnv.getFiler();
    for (Map.Entry<String, String> source : sources.all().entrySet()) {
      try (Writer writer = filer.createSourceFile(in + "." + source.getKey(), sink).openWriter()) {
        writer.write(source.getValue());
      }
    }
    for (Map.Entry<String, String> table : new EventTables(events).all().entrySet()) {
      try (Writer writer =
          filer
              .createResource(StandardLocation.CLASS_OUTPUT, in, table.getKey(), sink)
              .openWriter()) {
        writer.write(table.getValue());
      }
    }
  }

  private DeclaredEvent event(TypeElement sink, ExecutableElement method) {
    Kind kind = method.getAnnotation(Kind.class);
    if (kind == null || kind.value() < 1 || kind.value() > MOST_CODES) {
      throw new DeclarationException(method, "an event needs a @Kind with a code from 1 to 254");
    }
    EventDoc doc =
        EventDoc.parse(String.valueOf(processingEnv.getElementUtils().getDocComment(method)));
    List<? extends VariableElement> parameters = method.getParameters();
    int size = parameters.size();
    boolean list = size > 3 && type(parameters.get(size - 1)).equals("int[]");
    if (!type(parameters.get(0)).equals("long")
        || !parameters.get(0).getSimpleName().contentEquals("t")) {
      throw new DeclarationException(method, "the first parameter of an event must be long t");
    }
    List<DeclaredArgument> arguments = new ArrayList<>();
    DeclaredEvent event =
        new DeclaredEvent(
            method.getSimpleName().toString(),
            kind.value(),
            kind.request(),
            doc.firstSentence(),
            arguments,
            list);
    for (VariableElement parameter : parameters.subList(1, list ? size - 2 : size)) {
      arguments.add(argument(sink, event, parameter, doc));
    }
    for (String documented : doc.parameters().keySet()) {
      if (event.indexOf(documented) < 0) {
        throw new DeclarationException(method, "there is no argument " + documented);
      }
    }
    return event;
  }

  private DeclaredArgument argument(
      TypeElement sink, DeclaredEvent event, VariableElement parameter, EventDoc doc) {
    String name = parameter.getSimpleName().toString();
    String type = type(parameter);
    if (!type.equals("int") && !type.equals("long")) {
      throw new DeclarationException(parameter, "an argument must be int or long");
    }
    String mode = "PLAIN";
    String key = "";
    if (parameter.getAnnotation(Delta.class) != null) {
      mode = "DELTA";
      key = parameter.getAnnotation(Delta.class).value();
    } else if (parameter.getAnnotation(Relative.class) != null) {
      mode = "RELATIVE";
      key = parameter.getAnnotation(Relative.class).value();
    } else if (parameter.getAnnotation(PerCall.class) != null) {
      mode = "PER_CALL";
      key = "call";
    } else if (parameter.getAnnotation(Listed.class) != null) {
      mode = "LISTED";
    }
    if (!key.isEmpty() && event.indexOf(key) < 0) {
      throw new DeclarationException(parameter, "there is no argument " + key + " before it");
    }
    if (mode.equals("PER_CALL") && event.indexOf("domain") != event.indexOf(key) - 1) {
      throw new DeclarationException(parameter, "domain must come right before call");
    }
    In unit = parameter.getAnnotation(In.class);
    String codes = codes(parameter);
    String others = codesOfName.putIfAbsent(name, codes);
    if (others != null && !others.equals(codes)) {
      throw new DeclarationException(parameter, name + " has other codes in another event");
    }
    String own = doc.parameters().get(name);
    return new DeclaredArgument(
        name,
        type,
        mode,
        key,
        (unit == null ? Unit.NUMBER : unit.value()).name(),
        codes,
        own == null ? meaning(sink, parameter, name) : own,
        own != null);
  }

  private static String meaning(TypeElement sink, VariableElement parameter, String name) {
    for (Argument argument : sink.getAnnotationsByType(Argument.class)) {
      if (argument.name().equals(name)) {
        return argument.is();
      }
    }
    throw new DeclarationException(
        parameter, "say in a @param, or in an @Argument of the interface, what it means");
  }

  private static String type(VariableElement parameter) {
    // Annotations of a parameter can be part of its type's text.
    String type = parameter.asType().toString();
    return type.substring(type.lastIndexOf(' ') + 1);
  }

  /** The enum of {@link Codes}, which is a class that may not be loaded here. */
  private static String codes(VariableElement parameter) {
    for (AnnotationMirror annotation : parameter.getAnnotationMirrors()) {
      if (annotation.getAnnotationType().toString().equals(Codes.class.getName())) {
        return annotation.getElementValues().values().iterator().next().getValue().toString();
      }
    }
    return "";
  }
}
