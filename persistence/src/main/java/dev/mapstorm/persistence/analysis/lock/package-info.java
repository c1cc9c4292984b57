/** How locks were used and who waited for whom. */
package dev.mapstorm.persistence.analysis.lock;
