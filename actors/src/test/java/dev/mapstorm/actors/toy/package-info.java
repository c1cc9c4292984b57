/**
 * A toy unit and a toy backend, which add nothing to the program but prove that docs/EXTENDING.md
 * names all files that a real one needs.
 */
package dev.mapstorm.actors.toy;
