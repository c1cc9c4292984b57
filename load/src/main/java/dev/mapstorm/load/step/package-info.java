/**
 * Stepping through a recorded run: to the next or previous event, to one of a kind, device, address
 * or lock, with the state of the host at hand everywhere. Knows commands and answers, no terminal.
 */
package dev.mapstorm.load.step;
