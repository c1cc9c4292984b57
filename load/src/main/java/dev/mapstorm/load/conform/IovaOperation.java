package dev.mapstorm.load.conform;

/**
 * One recorded operation on an IOVA domain with the answer of Linux: a line of a vector file.
 *
 * @param kind which operation
 * @param cpu that executed it
 * @param size granules as asked; 0 for {@link Kind#GC}
 * @param limitPfn highest usable frame; 0 except for {@link Kind#ALLOC}
 * @param pfn the frame given (0: none) or freed; for {@link Kind#GC} the magazines released
 * @param path where the range came from or went: {@code cpu}, {@code depot}, {@code tree}, {@code
 *     flush} or {@code fail}
 * @param walk nodes stepped over in the last search of the tree
 */
public record IovaOperation(
    Kind kind, int cpu, long size, long limitPfn, long pfn, String path, long walk) {

  /** The operations that are recorded. */
  public enum Kind {
    /** {@code alloc_iova_fast}, with 32-bit space first if the file says so. */
    ALLOC("alloc"),
    /** {@code free_iova_fast}. */
    FREE("free"),
    /** One firing of the depot worker of every order. */
    GC("gc");

    private final String column;

    Kind(String column) {
      this.column = column;
    }

    /** What a vector file calls it. */
    public String column() {
      return column;
    }
  }

  /** What was asked, for people. */
  public String request() {
    return switch (kind) {
      case ALLOC -> "alloc of " + size + " granules on cpu " + cpu + " below pfn " + limitPfn;
      case FREE -> "free of " + size + " granules at pfn " + pfn + " on cpu " + cpu;
      case GC -> "depot worker of every order";
    };
  }

  /** The answer of Linux, as {@code pfn path walk}. */
  public String answer() {
    return pfn + " " + path + " " + walk;
  }
}
