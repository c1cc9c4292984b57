package dev.mapstorm.load.export.formats;

/** The export was told to stop before its end. */
public final class ExportStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ExportStoppedException() {
    super("stopped before its end", null, false, false);
  }
}
