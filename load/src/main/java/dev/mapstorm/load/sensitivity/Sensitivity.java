package dev.mapstorm.load.sensitivity;

import java.util.List;

/**
 * Which figures of its platform a run hangs on.
 *
 * @param platform its name
 * @param fromNs instant from which on calls and requests are counted
 * @param untilNs instant up to which the run was executed again
 * @param runs how often it was
 * @param headlines the mean times of a call that maps and of one that unmaps, of a request, and
 *     requests a second; without those that the run has none of
 * @param notVaried keys of figures whose least or most the platform refuses beside the others
 */
public record Sensitivity(
    String platform,
    long fromNs,
    long untilNs,
    int runs,
    List<Headline> headlines,
    List<String> notVaried) {}
