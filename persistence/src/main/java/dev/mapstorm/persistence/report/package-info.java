/**
 * What a run's events say about it: the list of all analyses, one pass over each host's events for
 * all of them, and their results as text.
 */
package dev.mapstorm.persistence.report;
