package dev.mapstorm.load.validate;

import java.util.List;

/**
 * One figure of a published result, and the experiment that gives it here.
 *
 * @param use what it is for
 * @param of which figure of the row it is, in words
 * @param figure what is taken of the experiment
 * @param published its value, in the row's unit
 * @param set what the experiment sets over the row's scenario, each {@code key=value}
 * @param less settings of a second experiment whose figure is taken away; null for none
 * @param over settings of a second experiment that the figure is divided by; null for none
 */
public record PublishedCell(
    CellUse use,
    String of,
    Figure figure,
    double published,
    List<String> set,
    List<String> less,
    List<String> over) {}
