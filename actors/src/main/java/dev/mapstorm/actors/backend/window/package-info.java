/**
 * What backends share that allocate DMA addresses of a window in a way of their own and map element
 * by element: a mapping is one or several ranges, made and taken back one after the other.
 */
package dev.mapstorm.actors.backend.window;
