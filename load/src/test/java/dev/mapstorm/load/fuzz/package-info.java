/**
 * Inputs that nobody means: made by chance from good ones, to see what the program makes of them.
 */
package dev.mapstorm.load.fuzz;
