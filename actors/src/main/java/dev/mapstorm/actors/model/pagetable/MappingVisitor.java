package dev.mapstorm.actors.model.pagetable;

/** Is shown the live mappings of a {@link PageTable}, one page at a time. */
@FunctionalInterface
public interface MappingVisitor {
  /**
   * @param iova first I/O virtual address of the page
   * @param phys first physical address of the page
   * @param pageShift base-two logarithm of its size in bytes
   * @param prot {@link PageTable#READ} and {@link PageTable#WRITE} as mapped
   */
  void page(long iova, long phys, int pageShift, int prot);
}
